import DoneIcon from '@mui/icons-material/Done';
import PlayArrowIcon from '@mui/icons-material/PlayArrow';
import StopIcon from '@mui/icons-material/Stop';
import { Alert, Box, Card, CardContent, Chip, Link, Typography } from '@mui/material';
import {
  EditButton,
  FunctionField,
  ReferenceArrayField,
  ReferenceField,
  Show,
  SingleFieldList,
  TopToolbar,
  useGetList,
  useRecordContext,
} from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import type { Change, Run, Task } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { ExternalLink } from '../../shared/ExternalLink';
import { dateTime, humanize } from '../../shared/format';
import { Markdown } from '../../shared/Markdown';
import { DemoChip, StatusChip } from '../../shared/StatusChip';
import { WaitNotice } from '../runs/WaitNotice';
import { TaskComments } from './TaskComments';

const ENDED = ['done', 'failed', 'cancelled', 'blocked', 'in_review'];

const Actions = () => {
  const task = useRecordContext<Task>();
  if (!task) return <TopToolbar />;
  const ended = ENDED.includes(task.status);
  return (
    <TopToolbar sx={{ flexWrap: 'wrap' }}>
      {ended && (
        <ActionButton
          label="Run again"
          icon={<PlayArrowIcon />}
          path={`/tasks/${task.id}/runs`}
          permission={{ resource: 'runs', action: 'create' }}
          done="New run queued."
        />
      )}
      {task.status === 'in_review' && (
        <ActionButton
          label="Mark as done"
          icon={<DoneIcon />}
          path={`/tasks/${task.id}/done`}
          permission={{ resource: 'tasks', action: 'edit' }}
          done="The task is done."
        />
      )}
      {!['done', 'failed', 'cancelled'].includes(task.status) && (
        <ActionButton
          label="Cancel task"
          icon={<StopIcon />}
          path={`/tasks/${task.id}/cancel`}
          permission={{ resource: 'tasks', action: 'edit' }}
          confirm="The agent stops and no change is created. Its work so far is saved."
          done="Task cancelled."
        />
      )}
      <EditButton />
    </TopToolbar>
  );
};

const Runs = ({ task }: { task: Task }) => {
  const { data = [] } = useGetList<Run>('runs', {
    filter: { taskId: task.id },
    sort: { field: 'number', order: 'DESC' },
    pagination: { page: 1, perPage: 50 },
  });
  const { data: changes = [] } = useGetList<Change>('changes', {
    filter: { taskId: task.id },
    sort: { field: 'number', order: 'DESC' },
    pagination: { page: 1, perPage: 50 },
  });
  return (
    <Card component="section" aria-label="Runs">
      <CardContent>
        <Typography variant="h6" component="h2">
          Runs
        </Typography>
        {data.length === 0 && (
          <Typography color="text.secondary">
            No runs yet. The first run starts after the codebase is analysed.
          </Typography>
        )}
        {data.map((run) => (
          <Box key={run.id} sx={{ py: 0.75, display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'baseline' }}>
            <Link component={RouterLink} to={`/runs/${run.id}/show`}>
              Run {run.number}
            </Link>
            <StatusChip value={run.status} />
            <Typography variant="body2" sx={{ flex: '1 1 200px', minWidth: 0 }}>
              {run.outcomeDetail ?? humanize(run.phase)}
            </Typography>
            <Typography variant="body2" color="text.secondary">
              {dateTime(run.createdAt)}
            </Typography>
          </Box>
        ))}
        {data[0]?.status === 'queued' && <WaitNotice run={data[0]} />}
        {changes.map((change) => (
          <Typography key={change.id}>
            <Link component={RouterLink} to={`/changes/${change.id}/show`}>
              Change {change.number}
            </Link>{' '}
            {change.title}
          </Typography>
        ))}
      </CardContent>
    </Card>
  );
};

const Details = () => {
  const task = useRecordContext<Task>();
  if (!task) return null;
  const isProblem = ['failed', 'blocked'].includes(task.status);
  return (
    <Box sx={{ p: 2, display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Typography variant="h5" component="h1" sx={{ overflowWrap: 'anywhere' }}>
        Task {task.number}: {task.title}
        <DemoChip />
      </Typography>
      <Box sx={{ display: 'flex', gap: 1.5, flexWrap: 'wrap', alignItems: 'center' }}>
        <StatusChip value={task.status} />
        <Typography variant="body2">
          {task.kind}, {task.priority} priority, on{' '}
          <ReferenceField source="repositoryId" reference="repositories" link="show" />
          {task.baseBranch && ` from ${task.baseBranch}`}
        </Typography>
        {task.planFirst && <Chip size="small" variant="outlined" label="plan required" />}
        {task.isBug && <Chip size="small" variant="outlined" label="bug" />}
        {task.sourceUrl && (
          <ExternalLink href={task.sourceUrl}>
            {task.issueNumber ? `#${task.issueNumber} on GitHub` : 'Original issue'}
          </ExternalLink>
        )}
        {task.requestedBy && <Typography variant="body2">requested by {task.requestedBy}</Typography>}
        <Typography variant="body2" color="text.secondary">
          {dateTime(task.createdAt)}
        </Typography>
      </Box>
      {task.statusReason && <Alert severity={isProblem ? 'error' : 'info'}>{task.statusReason}</Alert>}
      {task.blockedBy && (
        <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
          <Typography variant="body2">Blocked by</Typography>
          <ReferenceArrayField source="blockedBy" reference="tasks">
            <SingleFieldList linkType="show">
              <FunctionField render={(blocker: Task) => `Task ${blocker.number} (${humanize(blocker.status)})`} />
            </SingleFieldList>
          </ReferenceArrayField>
        </Box>
      )}
      <Markdown>{task.description || 'No description.'}</Markdown>
      <Runs task={task} />
      <TaskComments task={task} />
    </Box>
  );
};

const Title = () => {
  const task = useRecordContext<Task>();
  return <>{task && `Task ${task.number}`}</>;
};

export const TaskShow = () => (
  <Show actions={<Actions />} title={<Title />}>
    <Details />
  </Show>
);
