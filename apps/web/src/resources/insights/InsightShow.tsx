import PushPinIcon from '@mui/icons-material/PushPin';
import { Alert, Box, Typography } from '@mui/material';
import { DeleteButton, EditButton, ReferenceField, Show, TopToolbar, useRecordContext, useRedirect } from 'react-admin';
import type { Insight } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { dateTime } from '../../shared/format';
import { FilePath, InsightMarks, InsightAuthor } from './InsightMarks';
import { PurgeButton } from './PurgeButton';

const Actions = () => {
  const record = useRecordContext<Insight>();
  const redirect = useRedirect();
  if (!record) return <TopToolbar />;
  const { id, pinned, repositoryId, source, sourceId, author } = record;
  return (
    <TopToolbar sx={{ flexWrap: 'wrap' }}>
      <ActionButton
        label={pinned ? 'Unpin' : 'Pin'}
        icon={<PushPinIcon />}
        method="PATCH"
        path={`/insights/${id}`}
        body={{ pinned: !pinned }}
        permission={{ resource: 'insights', action: 'edit' }}
        done={
          pinned
            ? 'Unpinned. It becomes stale when its file changes.'
            : 'Pinned. Agents receive it first, and it never becomes stale.'
        }
      />
      <EditButton />
      <DeleteButton mutationMode="pessimistic" />
      <PurgeButton
        {...{ repositoryId, source, sourceId }}
        author={author}
        onDone={() => redirect('list', 'insights')}
      />
    </TopToolbar>
  );
};

const Details = () => {
  const record = useRecordContext<Insight>();
  if (!record) return null;
  const { text, path, blob, staleAt, pinned, createdAt } = record;
  return (
    <Box sx={{ p: 2, display: 'grid', gap: 1.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Typography variant="h6" component="h1" sx={{ overflowWrap: 'anywhere' }}>
        {text}
      </Typography>
      <InsightMarks insight={record} />
      {staleAt && (
        <Alert severity="warning">
          Agents do not receive this insight: {path} was changed or deleted (detected {dateTime(staleAt)}). If it still
          applies, edit the text or pin it.
        </Alert>
      )}
      {pinned && <Alert severity="info">Agents receive this insight even if its file changes.</Alert>}
      <Typography variant="body2">
        Applies to <ReferenceField source="repositoryId" reference="repositories" link="show" />
        {path ? ', file ' : ', all files'}
        <FilePath path={path} />
        {blob && ` at blob ${blob.slice(0, 12)}`}
      </Typography>
      <Typography variant="body2" color="text.secondary">
        Updated by <InsightAuthor insight={record} />; created {dateTime(createdAt)}
      </Typography>
    </Box>
  );
};

export const InsightShow = () => (
  <Show actions={<Actions />} title="Insight">
    <Details />
  </Show>
);
