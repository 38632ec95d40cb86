import RefreshIcon from '@mui/icons-material/Refresh';
import { Alert, Box, Typography } from '@mui/material';
import { EditButton, Show, TopToolbar, useRecordContext } from 'react-admin';
import type { Repository } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { Away } from '../../shared/Away';
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
          label="Analyse again"
          icon={<RefreshIcon />}
          path={`/repositories/${record.id}/analyses`}
          permission={{ resource: 'repositories', action: 'edit' }}
          done="The repository will be fetched and analysed."
        />
      )}
      <EditButton />
    </TopToolbar>
  );
};

const Intake = ({ repository: { intakeLabel, missedEvents, reconciledAt } }: { repository: Repository }) => (
  <Typography variant="body2" color="text.secondary">
    Issues with the label {intakeLabel} become tasks. Lost webhooks found by asking: {missedEvents}, last look{' '}
    {reconciledAt ? dateTime(reconciledAt) : 'not yet'}
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
          <Away href={record.url.replace(/\.git$/, '')}>{record.forgeName}</Away>
        ) : (
          <Typography sx={{ fontFamily: 'monospace', fontSize: 13, overflowWrap: 'anywhere' }}>{record.url}</Typography>
        )}
      </Box>
      {record.archived && (
        <Alert severity="warning">It is archived on GitHub: Teko takes nothing in from there any more.</Alert>
      )}
      {record.statusReason && <Alert severity="error">{record.statusReason}</Alert>}
      <Typography variant="body2" color="text.secondary">
        Branch {record.defaultBranch ?? 'not known yet'}, fetched {dateTime(record.fetchedAt)}
        {record.testCommand && `, tested by your command ${record.testCommand}`}
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
