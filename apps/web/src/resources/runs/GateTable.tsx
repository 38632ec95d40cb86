import { Box, Card, CardContent, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import { StatusChip } from '../../shared/StatusChip';

interface Gate {
  verdict: string;
  reason: string;
  newFailures: string[];
  oldFailures: string[];
  fixed: string[];
  missing: string[];
  skipped: string[];
  witnesses: string[];
  alteredTests: string[];
  runnerFiles: string[];
  canaries: { kind: string; tree: string; result: string; detail: string }[];
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
  'base-with-head-tests': 'Before, with the new tests',
};

const CANARIES: Record<string, string> = { broken_code: 'Broken code', failing_test: 'Added failing tests' };
const RESULTS: Record<string, string> = { detected: 'noticed', missed: 'not noticed', not_possible: 'not possible' };
const MAX_SHOWN = 100;

/** Lists names. Of a long list, only the first are shown. */
const TestNames = ({ title, tests }: { title: string; tests: string[] }) =>
  tests.length === 0 ? null : (
    <Box>
      <Typography variant="subtitle2">{title}</Typography>
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {tests.slice(0, MAX_SHOWN).map((test, index) => (
          <Typography key={index} component="li" variant="body2" sx={{ overflowWrap: 'anywhere' }}>
            {test}
          </Typography>
        ))}
        {tests.length > MAX_SHOWN && (
          <Typography component="li" variant="body2">
            and {(tests.length - MAX_SHOWN).toLocaleString('en-US')} more
          </Typography>
        )}
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
      {gate.canaries.length > 0 && (
        <Box>
          <Typography variant="subtitle2">Deliberate faults, to see whether the tests notice them</Typography>
          <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
            {gate.canaries.map(({ kind, tree, result, detail }) => (
              <Typography key={kind} component="li" variant="body2">
                {CANARIES[kind] ?? kind} ({TREES[tree]?.toLowerCase() ?? tree} the change): {RESULTS[result] ?? result}.{' '}
                {detail}
              </Typography>
            ))}
          </Box>
        </Box>
      )}
      <TestNames title="Failing without the change" tests={gate.witnesses} />
      <TestNames title="Fixed" tests={gate.fixed} />
      <TestNames title="Newly failing" tests={gate.newFailures} />
      <TestNames title="Failing before and after" tests={gate.oldFailures} />
      <TestNames title="No longer run" tests={gate.missing} />
      <TestNames title="Skipped now" tests={gate.skipped} />
      <TestNames title="Changed or removed test files" tests={gate.alteredTests} />
      <TestNames title="Changed files that steer the test runner" tests={gate.runnerFiles} />
    </CardContent>
  </Card>
);
