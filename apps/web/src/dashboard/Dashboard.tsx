import { Alert, Box, Card, CardContent, Link, Skeleton, Stack, Typography } from '@mui/material';
import { Title, useCanAccess } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import type { Run } from '../providers/http';
import { dateTime, humanize } from '../shared/format';
import { StatusChip } from '../shared/StatusChip';
import { useDashboard } from './use-dashboard';

const Counts = ({ title, resource, counts }: { title: string; resource: string; counts: Record<string, number> }) => (
  <Card component="section" aria-label={title}>
    <CardContent>
      <Typography variant="subtitle2" color="text.secondary" component="h2" gutterBottom>
        {title}
      </Typography>
      {Object.keys(counts).length === 0 && <Typography color="text.secondary">None yet.</Typography>}
      <Stack direction="row" useFlexGap sx={{ flexWrap: 'wrap', gap: 3 }}>
        {Object.entries(counts).map(([status, count]) => (
          <Link
            key={status}
            component={RouterLink}
            to={`/${resource}?filter=${encodeURIComponent(JSON.stringify({ status: [status] }))}`}
            underline="hover"
            color="inherit"
          >
            <Typography variant="h5" component="span" sx={{ mr: 0.75 }}>
              {count}
            </Typography>
            {humanize(status)}
          </Link>
        ))}
      </Stack>
    </CardContent>
  </Card>
);

const FirstSteps = () => {
  const { canAccess: canAddRepository } = useCanAccess({ resource: 'repositories', action: 'create' });
  const { canAccess: canCreateTask } = useCanAccess({ resource: 'tasks', action: 'create' });
  return (
    <>
      {canAddRepository && (
        <>
          <Link component={RouterLink} to="/repositories/create">
            Add a repository
          </Link>{' '}
          to get started.{' '}
        </>
      )}
      {canCreateTask && (
        <>
          Then{' '}
          <Link component={RouterLink} to="/tasks/create">
            create a task
          </Link>
          .
        </>
      )}
    </>
  );
};

const RecentRuns = ({ runs }: { runs: Run[] }) => (
  <Card component="section" aria-label="Recent runs">
    <CardContent>
      <Typography variant="subtitle2" color="text.secondary" component="h2" gutterBottom>
        Recent runs
      </Typography>
      {runs.length === 0 && (
        <Typography color="text.secondary">
          No runs yet. <FirstSteps />
        </Typography>
      )}
      {runs.map((run) => (
        <Box
          key={run.id}
          sx={{
            display: 'flex',
            gap: 1,
            alignItems: 'baseline',
            flexWrap: 'wrap',
            py: 0.75,
            borderTop: 1,
            borderColor: 'divider',
          }}
        >
          <Link component={RouterLink} to={`/runs/${run.id}/show`}>
            Run {run.number}
          </Link>
          <StatusChip value={run.status} />
          <Typography variant="body2" sx={{ flex: '1 1 200px', minWidth: 0, overflowWrap: 'anywhere' }}>
            {run.outcomeDetail ?? humanize(run.phase)}
          </Typography>
          <Typography variant="body2" color="text.secondary">
            {dateTime(run.finishedAt ?? run.createdAt)}
          </Typography>
        </Box>
      ))}
    </CardContent>
  </Card>
);

export const Dashboard = () => {
  const { data, error, isPending } = useDashboard();
  return (
    <Box sx={{ display: 'grid', gap: 2, py: 1, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Title title="Dashboard" />
      {error && <Alert severity="error">{error.message}</Alert>}
      {isPending && <Skeleton variant="rounded" height={240} />}
      {data && (
        <>
          <Box
            sx={{
              display: 'grid',
              gap: 2,
              gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(3, minmax(0, 1fr))' },
            }}
          >
            <Counts title="Runs" resource="runs" counts={data.runs as Record<string, number>} />
            <Counts title="Tasks" resource="tasks" counts={data.tasks as Record<string, number>} />
            <Card component="section" aria-label="Queue">
              <CardContent>
                <Typography variant="subtitle2" color="text.secondary" component="h2" gutterBottom>
                  Queue
                </Typography>
                <Typography>
                  {data.queue
                    ? `${data.queue.queued} queued, ${data.queue.active} running`
                    : 'The queue is not responding.'}
                </Typography>
              </CardContent>
            </Card>
          </Box>
          <RecentRuns runs={data.recentRuns} />
        </>
      )}
    </Box>
  );
};
