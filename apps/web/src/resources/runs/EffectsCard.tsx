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
  change: 'Change',
  comment: 'Comment',
  question: 'Question',
  reply: 'Reply',
};

/** The branch that was pushed, or that a pull request or change is for. */
const branchOf = ({ request, result }: Effect) =>
  ((result ?? {}) as { branch?: string }).branch ?? (request as { branch?: string }).branch ?? '';

/** Lists the effects of the run on external systems, with the error and a retry button for those that failed. */
export const EffectsCard = ({ run }: { run: Run }) => {
  const { data } = useQuery({
    queryKey: ['runs', run.id, 'effects', run.updatedAt],
    queryFn: () => api<{ data: Effect[] }>('GET', `/runs/${run.id}/effects`),
    placeholderData: (previous) => previous,
  });
  if (!data || data.data.length === 0) return null;
  const isFinal = isFinalRun(run);
  const newRunPath = run.resumePoint ? `/runs/${run.id}/continue` : `/tasks/${run.taskId}/runs`;
  const retryPath = isFinal ? newRunPath : `/runs/${run.id}/resume`;
  return (
    <Card component="section" aria-label="External actions">
      <CardContent>
        <Typography variant="h6" component="h2" gutterBottom>
          External actions
        </Typography>
        {data.data.map((effect) => (
          <Box key={effect.id} sx={{ py: 0.5, display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'baseline' }}>
            <Typography sx={{ minWidth: 130 }}>{NAMES[effect.kind]}</Typography>
            <StatusChip value={effect.status} />
            <Typography variant="body2" sx={{ flex: '1 1 200px', minWidth: 0, overflowWrap: 'anywhere' }}>
              {effect.error ?? branchOf(effect)}
            </Typography>
            <Typography variant="body2" color="text.secondary">
              {dateTime(effect.updatedAt)}
            </Typography>
            {effect.status === 'failed' && (
              <ActionButton
                label="Retry"
                path={retryPath}
                permission={{ resource: 'runs', action: isFinal ? 'create' : 'edit' }}
                done={isFinal ? 'New run queued.' : 'The run continues.'}
              />
            )}
          </Box>
        ))}
      </CardContent>
    </Card>
  );
};
