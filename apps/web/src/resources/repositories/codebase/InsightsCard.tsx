import { Box, Button, Link, Typography } from '@mui/material';
import { useCanAccess, useGetList } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import type { Insight } from '../../../providers/http';
import { Section } from '../../../shared/Section';
import { FilePath, InsightMarks, WrittenBy } from '../../insights/InsightMarks';

const SHOWN = 5;

/** What was learned about the repository: pinned facts, then the newest. */
export const InsightsCard = ({ repositoryId }: { repositoryId: string }) => {
  const { canAccess: mayRead } = useCanAccess({ resource: 'insights', action: 'list' });
  return mayRead ? <Facts repositoryId={repositoryId} /> : null;
};

const Facts = ({ repositoryId }: { repositoryId: string }) => {
  const { canAccess: mayCreate } = useCanAccess({ resource: 'insights', action: 'create', record: { repositoryId } });
  const pinned = useFacts({ repositoryId, pinned: 'true' });
  const others = useFacts({ repositoryId, pinned: 'false' });
  const facts = [...(pinned.data ?? []), ...(others.data ?? [])].slice(0, SHOWN);
  const total = (pinned.total ?? 0) + (others.total ?? 0);
  return (
    <Section
      title="Insights"
      hint="What agents and people wrote down; agents are told what still holds"
      loading={pinned.isPending || others.isPending}
      error={(pinned.error ?? others.error) as Error | null}
    >
      {facts.length === 0 && <Typography color="text.secondary">Nothing learned yet.</Typography>}
      {facts.map((insight) => (
        <Box key={insight.id} sx={{ display: 'grid', gap: 0.25 }}>
          <Link component={RouterLink} to={`/insights/${insight.id}/show`} sx={{ overflowWrap: 'anywhere' }}>
            {insight.text}
          </Link>
          <FilePath path={insight.path} />
          <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
            <InsightMarks insight={insight} />
            <WrittenBy insight={insight} />
          </Box>
        </Box>
      ))}
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        {total > 0 && (
          <Button component={RouterLink} to={to('/insights', 'filter', { repositoryId })}>
            {total > facts.length ? `All ${total} insights` : 'Show as a list'}
          </Button>
        )}
        {mayCreate && (
          <Button component={RouterLink} to={to('/insights/create', 'source', { repositoryId })}>
            Write a fact down
          </Button>
        )}
      </Box>
    </Section>
  );
};

function useFacts(filter: { repositoryId: string; pinned: string }) {
  const sort = { field: 'updatedAt', order: 'DESC' as const };
  return useGetList<Insight>('insights', { filter, sort, pagination: { page: 1, perPage: SHOWN } });
}

const to = (page: string, name: string, value: object) =>
  `${page}?${new URLSearchParams({ [name]: JSON.stringify(value) })}`;
