import { Box, Link, Typography } from '@mui/material';
import { RecordContextProvider } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import type { Queue } from '../providers/http';
import { ActionButton } from '../shared/ActionButton';
import { dateTime } from '../shared/format';
import { StatusChip } from '../shared/StatusChip';

/** Lists the runs that failed in the last 24 hours, with the reason and a retry button. */
export const FailedRuns = ({ runs, onChange }: { runs: Queue['failed']; onChange: () => void }) => {
  if (runs.length === 0) return <Typography color="text.secondary">No failed runs in the last 24 hours.</Typography>;
  return (
    <Box component="ul" aria-label="Failed runs" sx={{ listStyle: 'none', p: 0, m: 0 }}>
      {runs.map((run) => (
        <Box
          component="li"
          key={run.id}
          sx={{ py: 0.75, display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'baseline' }}
        >
          <Link component={RouterLink} to={`/runs/${run.id}/show`}>
            Run {run.number}
          </Link>
          {run.outcome && <StatusChip value={run.outcome} />}
          <Typography variant="body2" sx={{ flex: '1 1 240px', minWidth: 0, overflowWrap: 'anywhere' }}>
            {run.outcomeDetail}
          </Typography>
          <Typography variant="body2" color="text.secondary">
            {dateTime(run.finishedAt)}
          </Typography>
          <RecordContextProvider value={run}>
            <ActionButton
              label="Retry"
              path={`/tasks/${run.taskId}/runs`}
              permission={{ resource: 'runs', action: 'create' }}
              done="New run queued."
              onDone={onChange}
            />
          </RecordContextProvider>
        </Box>
      ))}
    </Box>
  );
};
