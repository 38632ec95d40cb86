import { Alert } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { api, type QueuePosition, type Run } from '../../providers/http';
import { milliseconds } from '../../shared/format';

const REFRESH_INTERVAL_MS = 5_000;

/** Shows why a run is waiting and the estimated time left. */
export const WaitNotice = ({ run }: { run: Pick<Run, 'id' | 'status'> }) => {
  const isWaiting = run.status === 'queued' || run.status === 'waiting';
  const { data } = useQuery({
    queryKey: ['runs', run.id, 'queue-position'],
    queryFn: () => api<QueuePosition>('GET', `/runs/${run.id}/queue-position`),
    refetchInterval: REFRESH_INTERVAL_MS,
    enabled: isWaiting,
  });
  if (!isWaiting || !data?.reason) return null;
  const estimate = data.seconds === null ? '' : ` Estimated wait: ${milliseconds(data.seconds * 1000)}.`;
  return (
    <Alert severity="info" sx={{ overflowWrap: 'anywhere' }}>
      {data.reason}
      {estimate}
    </Alert>
  );
};
