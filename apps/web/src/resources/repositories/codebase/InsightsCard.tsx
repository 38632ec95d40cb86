import { Box, Button, Link, Typography } from '@mui/material';
import { useCanAccess, useGetList } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import type { Insight } from '../../../providers/http';
import { Section } from '../../../shared/Section';
import { FilePath, InsightMarks, InsightAuthor } from '../../insights/InsightMarks';

const MAX_SHOWN = 5;

/** Lists the insights of the repository: pinned ones first, then the newest. */
export const InsightsCard = ({ repositoryId }: { repositoryId: string }) => {
  const { canAccess: canRead } = useCanAccess({ resource: 'insights', action: 'list' });
  return canRead ? <InsightList repositoryId={repositoryId} /> : null;
};

const InsightList = ({ repositoryId }: { repositoryId: string }) => {
  const { canAccess: canCreate } = useCanAccess({ resource: 'insights', action: 'create', record: { repositoryId } });
  const pinned = useInsights({ repositoryId, pinned: 'true' });
  const others = useInsights({ repositoryId, pinned: 'false' });
  const shown = [...(pinned.data ?? []), ...(others.data ?? [])].slice(0, MAX_SHOWN);
  const total = (pinned.total ?? 0) + (others.total ?? 0);
  return (
    <Section
      title="Insights"
      hint="Recorded by agents and users. Agents receive the ones that are not stale."
      loading={pinned.isPending || others.isPending}
      error={(pinned.error ?? others.error) as Error | null}
    >
      {shown.length === 0 && <Typography color="text.secondary">No insights yet.</Typography>}
      {shown.map((insight) => (
        <Box key={insight.id} sx={{ display: 'grid', gap: 0.25 }}>
          <Link component={RouterLink} to={`/insights/${insight.id}/show`} sx={{ overflowWrap: 'anywhere' }}>
            {insight.text}
          </Link>
          <FilePath path={insight.path} />
          <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
            <InsightMarks insight={insight} />
            <InsightAuthor insight={insight} />
          </Box>
        </Box>
      ))}
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        {total > 0 && (
          <Button component={RouterLink} to={to('/insights', 'filter', { repositoryId })}>
            {total > shown.length ? `Show all ${total} insights` : 'Show as a list'}
          </Button>
        )}
        {canCreate && (
          <Button component={RouterLink} to={to('/insights/create', 'source', { repositoryId })}>
            Add insight
          </Button>
        )}
      </Box>
    </Section>
  );
};

function useInsights(filter: { repositoryId: string; pinned: string }) {
  const sort = { field: 'updatedAt', order: 'DESC' as const };
  return useGetList<Insight>('insights', { filter, sort, pagination: { page: 1, perPage: MAX_SHOWN } });
}

const to = (page: string, name: string, value: object) =>
  `${page}?${new URLSearchParams({ [name]: JSON.stringify(value) })}`;
