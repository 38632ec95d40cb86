import CloseIcon from '@mui/icons-material/Close';
import RateReviewIcon from '@mui/icons-material/RateReview';
import { Box, Link, Typography } from '@mui/material';
import { Show, TopToolbar, useRecordContext } from 'react-admin';
import { Link as RouterLink, useNavigate } from 'react-router-dom';
import type { Change, Task } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { ExternalLink } from '../../shared/ExternalLink';
import { DiffView } from '../../shared/DiffView';
import { FindingsList } from '../../shared/FindingsList';
import { dateTime } from '../../shared/format';
import { Markdown } from '../../shared/Markdown';
import { DemoChip, StatusChip } from '../../shared/StatusChip';

const Actions = () => {
  const change = useRecordContext<Change>();
  const navigate = useNavigate();
  if (!change) return <TopToolbar />;
  const isOpen = ['draft', 'open'].includes(change.status);
  return (
    <TopToolbar sx={{ flexWrap: 'wrap' }}>
      {isOpen && (
        <ActionButton
          label="Request review"
          icon={<RateReviewIcon />}
          path={`/changes/${change.id}/reviews`}
          permission={{ resource: 'tasks', action: 'create' }}
          done="Review requested."
          onDone={(task) => void navigate(`/tasks/${(task as Task).id}/show`)}
        />
      )}
      {isOpen && !change.pullRequestNumber && (
        <ActionButton
          label="Close change"
          icon={<CloseIcon />}
          path={`/changes/${change.id}/close`}
          permission={{ resource: 'changes', action: 'edit' }}
          confirm="The change is marked as closed. The branch is kept."
          done="Change closed."
        />
      )}
    </TopToolbar>
  );
};

const Details = () => {
  const change = useRecordContext<Change>();
  if (!change) return null;
  return (
    <Box sx={{ p: 2, display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Typography variant="h5" component="h1" sx={{ overflowWrap: 'anywhere' }}>
        Change {change.number}: {change.title}
        <DemoChip />
      </Typography>
      <Box sx={{ display: 'flex', gap: 1.5, flexWrap: 'wrap', alignItems: 'center' }}>
        <StatusChip value={change.status} />
        <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
          {change.branch} into {change.baseBranch}, {change.filesChanged} files, +{change.additions} −{change.deletions}
        </Typography>
        {change.url && <ExternalLink href={change.url}>Pull request #{change.pullRequestNumber}</ExternalLink>}
        <Typography variant="body2" color="text.secondary">
          {dateTime(change.createdAt)}
        </Typography>
        <Link component={RouterLink} to={`/runs/${change.runId}/show`}>
          View run
        </Link>
        <Link component={RouterLink} to={`/tasks/${change.taskId}/show`}>
          View task
        </Link>
      </Box>
      <Markdown>{change.body}</Markdown>
      <Box>
        <Typography variant="body2" color="text.secondary">
          Fetch the branch into your clone{!change.url && ' on the Teko host'}:
        </Typography>
        <Box
          component="pre"
          tabIndex={0}
          sx={{ m: 0, p: 1.5, bgcolor: 'action.hover', borderRadius: 1, overflowX: 'auto', fontSize: 12.5 }}
        >
          git fetch {change.url ? 'origin' : `<TEKO_HOME>/repositories/${change.repositoryId}.git`} {change.branch}
        </Box>
      </Box>
      <FindingsList filter={{ changeId: change.id }} />
      <Box component="section" aria-label="Diff">
        <Typography variant="h6" component="h2" gutterBottom>
          Diff
        </Typography>
        <DiffView path={`/changes/${change.id}/diff`} />
      </Box>
    </Box>
  );
};

const Title = () => {
  const change = useRecordContext<Change>();
  return <>{change && `Change ${change.number}`}</>;
};

export const ChangeShow = () => (
  <Show actions={<Actions />} title={<Title />}>
    <Details />
  </Show>
);
