import { Alert } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { api, type QueuePlace, type Run } from '../../providers/http';
import { milliseconds } from '../../shared/format';

const REFRESH_INTERVAL_MS = 5_000;

/** Why a run waits, and roughly how long. */
export const WaitNotice = ({ run }: { run: Pick<Run, 'id' | 'status'> }) => {
  const waits = run.status === 'queued' || run.status === 'waiting';
  const { data } = useQuery({
    queryKey: ['runs', run.id, 'place'],
    queryFn: () => api<QueuePlace>('GET', `/runs/${run.id}/place`),
    refetchInterval: REFRESH_INTERVAL_MS,
    enabled: waits,
  });
  if (!waits || !data?.reason) return null;
  const guess = data.seconds === null ? '' : ` It goes on in about ${milliseconds(data.seconds * 1000)}.`;
  return (
    <Alert severity="info" sx={{ overflowWrap: 'anywhere' }}>
      {data.reason}
      {guess}
    </Alert>
  );
};
