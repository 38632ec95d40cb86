import { Box, Card, CardContent, Typography } from '@mui/material';
import { isFinalRun } from '@teko/contracts';
import { useQuery } from '@tanstack/react-query';
import { api, type Effect, type Run } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { dateTime } from '../../shared/format';
import { StatusChip } from '../../shared/StatusChip';

const NAMES: Record<Effect['kind'], string> = {
  push: 'Branch',
  pull_request: 'Pull request',
  change: 'Change request',
  comment: 'Comment',
  question: 'Question',
  reply: 'Reply',
};

/** What the run changes outside, each once; a failed one with its reason and another try. */
export const EffectsCard = ({ run }: { run: Run }) => {
  const { data } = useQuery({
    queryKey: ['runs', run.id, 'effects', run.updatedAt],
    queryFn: () => api<{ data: Effect[] }>('GET', `/runs/${run.id}/effects`),
    placeholderData: (previous) => previous,
  });
  if (!data || data.data.length === 0) return null;
  const ended = isFinalRun(run);
  const anew = run.resumePoint ? `/runs/${run.id}/continue` : `/tasks/${run.taskId}/runs`;
  const again = ended ? anew : `/runs/${run.id}/resume`;
  return (
    <Card component="section" aria-label="Outside changes">
      <CardContent>
        <Typography variant="h6" component="h2" gutterBottom>
          Outside changes
        </Typography>
        {data.data.map((effect) => (
          <Box key={effect.id} sx={{ py: 0.5, display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'baseline' }}>
            <Typography sx={{ minWidth: 130 }}>{NAMES[effect.kind]}</Typography>
            <StatusChip value={effect.status} />
            <Typography variant="body2" sx={{ flex: '1 1 200px', minWidth: 0, overflowWrap: 'anywhere' }}>
              {effect.error ?? (effect.request as { branch?: string }).branch ?? ''}
            </Typography>
            <Typography variant="body2" color="text.secondary">
              {dateTime(effect.updatedAt)}
            </Typography>
            {effect.status === 'failed' && (
              <ActionButton
                label="Try again"
                path={again}
                permission={{ resource: 'runs', action: ended ? 'create' : 'edit' }}
                done={ended ? 'A new run will start.' : 'The run goes on.'}
              />
            )}
          </Box>
        ))}
      </CardContent>
    </Card>
  );
};
