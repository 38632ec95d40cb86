import { Box, Card, CardContent, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import { StatusChip } from '../../shared/StatusChip';

interface Gate {
  verdict: string;
  reason: string;
  newFailures: string[];
  oldFailures: string[];
  fixed: string[];
  executions: {
    tree: string;
    command: string;
    exitCode: number | null;
    timedOut: boolean;
    durationMs: number;
    tests: { passed: number; total: number } | null;
  }[];
}

const TREES: Record<string, string> = {
  base: 'Before',
  head: 'After',
  'head-with-base-tests': 'After, with the original tests',
};

const TestNames = ({ title, tests }: { title: string; tests: string[] }) =>
  tests.length === 0 ? null : (
    <Box>
      <Typography variant="subtitle2">{title}</Typography>
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {tests.map((test) => (
          <Typography key={test} component="li" variant="body2" sx={{ overflowWrap: 'anywhere' }}>
            {test}
          </Typography>
        ))}
      </Box>
    </Box>
  );

/** Shows the test results of the repository before and after the change. */
export const GateTable = ({ gate }: { gate: Gate }) => (
  <Card component="section" aria-label="Gate">
    <CardContent sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Typography variant="h6" component="h2">
        Gate <StatusChip value={gate.verdict} />
      </Typography>
      <Typography>{gate.reason}</Typography>
      <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label="Test executions">
        <Table size="small">
          <TableHead>
            <TableRow>
              {['Version', 'Command', 'Exit code', 'Tests passed', 'Duration'].map((head) => (
                <TableCell key={head}>{head}</TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {gate.executions.map((execution) => (
              <TableRow key={execution.tree}>
                <TableCell>{TREES[execution.tree] ?? execution.tree}</TableCell>
                <TableCell sx={{ fontFamily: 'monospace', fontSize: 12.5 }}>{execution.command}</TableCell>
                <TableCell>{execution.timedOut ? 'timed out' : (execution.exitCode ?? '–')}</TableCell>
                <TableCell>
                  {execution.tests ? `${execution.tests.passed} of ${execution.tests.total}` : 'unknown'}
                </TableCell>
                <TableCell>{(execution.durationMs / 1000).toFixed(1)} s</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
      <TestNames title="Fixed" tests={gate.fixed} />
      <TestNames title="Newly failing" tests={gate.newFailures} />
      <TestNames title="Failing before and after" tests={gate.oldFailures} />
    </CardContent>
  </Card>
);
