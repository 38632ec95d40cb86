import RefreshIcon from '@mui/icons-material/Refresh';
import { Alert, Box, Typography } from '@mui/material';
import { EditButton, Show, TopToolbar, useRecordContext } from 'react-admin';
import type { Repository } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { ExternalLink } from '../../shared/ExternalLink';
import { dateTime } from '../../shared/format';
import { CodeSearch } from '../../search/CodeSearch';
import { DemoChip, StatusChip } from '../../shared/StatusChip';
import { ArchivedChip } from './ArchivedChip';
import { CodebaseProfile } from './codebase/CodebaseProfile';
import { CodeIndexCard } from './codebase/CodeIndexCard';
import { InsightsCard } from './codebase/InsightsCard';

const Actions = () => {
  const record = useRecordContext<Repository>();
  return (
    <TopToolbar sx={{ flexWrap: 'wrap' }}>
      {record && (
        <ActionButton
          label="Run analysis"
          icon={<RefreshIcon />}
          path={`/repositories/${record.id}/analyses`}
          permission={{ resource: 'repositories', action: 'edit' }}
          done="Analysis queued."
        />
      )}
      <EditButton />
    </TopToolbar>
  );
};

const Intake = ({ repository: { intakeLabel, missedEvents, reconciledAt } }: { repository: Repository }) => (
  <Typography variant="body2" color="text.secondary">
    Issues labelled {intakeLabel} become tasks. Missed webhook events found by polling: {missedEvents}; last poll:{' '}
    {reconciledAt ? dateTime(reconciledAt) : 'never'}
  </Typography>
);

const Summary = () => {
  const record = useRecordContext<Repository>();
  if (!record) return null;
  return (
    <Box sx={{ p: 2, display: 'grid', gap: 1.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Typography variant="h5" component="h1">
        {record.name}
        <DemoChip />
        <ArchivedChip />
      </Typography>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
        <StatusChip value={record.status} />
        {record.forgeName ? (
          <ExternalLink href={record.url.replace(/\.git$/, '')}>{record.forgeName}</ExternalLink>
        ) : (
          <Typography sx={{ fontFamily: 'monospace', fontSize: 13, overflowWrap: 'anywhere' }}>{record.url}</Typography>
        )}
      </Box>
      {record.archived && (
        <Alert severity="warning">This repository is archived on GitHub. Teko no longer processes its events.</Alert>
      )}
      {record.statusReason && <Alert severity="error">{record.statusReason}</Alert>}
      <Typography variant="body2" color="text.secondary">
        Default branch {record.defaultBranch ?? 'unknown'}, fetched {dateTime(record.fetchedAt)}
        {record.testCommand && `, test command ${record.testCommand}`}
      </Typography>
      {record.forge === 'github' && <Intake repository={record} />}
      <CodeSearch repositoryId={record.id} />
      <CodeIndexCard repositoryId={record.id} />
      <InsightsCard repositoryId={record.id} />
      <CodebaseProfile repository={record} />
    </Box>
  );
};

export const RepositoryShow = () => (
  <Show actions={<Actions />}>
    <Summary />
  </Show>
);
