import {
  Alert,
  Box,
  Chip,
  Link,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableRow,
  Typography,
} from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { Title } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { Section } from '../shared/Section';
import { api, type Queue } from '../providers/http';
import { ActionButton } from '../shared/ActionButton';
import { dateTime, milliseconds, humanize } from '../shared/format';
import { FailedRuns } from './FailedRuns';
import { HourChart } from './HourChart';

const REFRESH_INTERVAL_MS = 5_000;

/** The run queue: queued and running runs, workers, the last 24 hours, and pause and resume. */
export const QueuePage = () => {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['queue'],
    queryFn: () => api<Queue>('GET', '/queue'),
    refetchInterval: REFRESH_INTERVAL_MS,
  });
  return (
    <Box sx={{ display: 'grid', gap: 2, py: 1, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Title title="Queue" />
      <Section title="Now" loading={isPending} error={error}>
        {data && <Now queue={data} onChange={() => void refetch()} />}
      </Section>
      {data && (
        <>
          <Section title="Workers">
            <Workers workers={data.workers} />
          </Section>
          <Section
            title="Last 24 hours"
            hint={`Median wait ${milliseconds(data.medianWaitMs)}, median run ${milliseconds(data.medianRunMs)}.`}
          >
            <HourChart hours={data.hours} />
            <Failures failures={data.failures} />
          </Section>
          <Section title="Recent failures">
            <FailedRuns runs={data.failed} onChange={() => void refetch()} />
          </Section>
        </>
      )}
    </Box>
  );
};

const Now = ({ queue, onChange }: { queue: Queue; onChange: () => void }) => (
  <>
    {queue.paused && <Alert severity="warning">The queue is paused. Running runs continue; no new runs start.</Alert>}
    <Typography>
      {queue.queued} queued, {queue.active} running.
    </Typography>
    <Typography variant="body2" color="text.secondary">
      {queue.agents
        .map(({ agentType, queued, active }) => `${agentType}: ${queued} queued, ${active} running`)
        .join('; ')}
    </Typography>
    <Box>
      {queue.paused ? (
        <ActionButton
          label="Resume queue"
          path="/queue/resume"
          permission={{ resource: 'queue', action: 'update' }}
          done="The queue is running again."
          onDone={onChange}
        />
      ) : (
        <ActionButton
          label="Pause queue"
          path="/queue/pause"
          permission={{ resource: 'queue', action: 'update' }}
          confirm="No worker starts a new run until you resume the queue. Running runs continue."
          done="The queue is paused."
          onDone={onChange}
        />
      )}
    </Box>
  </>
);

const Workers = ({ workers }: { workers: Queue['workers'] }) => {
  if (workers.length === 0) return <Typography color="text.secondary">No worker executes a run.</Typography>;
  return (
    <TableContainer>
      <Table size="small" aria-label="Workers">
        <TableBody>
          {workers.map(({ id, late, runs }) => (
            <TableRow key={id}>
              <TableCell sx={{ overflowWrap: 'anywhere' }}>
                {id} {late && <Chip size="small" color="error" label="lease expired" />}
              </TableCell>
              <TableCell>
                {runs.map(({ runId, number, phase, leaseExpiresAt, leaseToken }) => (
                  <Typography key={runId} variant="body2">
                    <Link component={RouterLink} to={`/runs/${runId}/show`}>
                      Run {number}
                    </Link>{' '}
                    {humanize(phase)}, lease {leaseToken} until {dateTime(leaseExpiresAt)}
                  </Typography>
                ))}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
};

const Failures = ({ failures }: { failures: Queue['failures'] }) => (
  <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
    {failures.length === 0 && <Typography color="text.secondary">No failures.</Typography>}
    {failures.map(({ outcome, count }) => (
      <Chip
        key={outcome}
        size="small"
        color="error"
        variant="outlined"
        label={`${count} ${humanize(outcome)}`}
        clickable
        component={RouterLink}
        to={`/runs?filter=${encodeURIComponent(JSON.stringify({ outcome }))}`}
      />
    ))}
  </Box>
);
