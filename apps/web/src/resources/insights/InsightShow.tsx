import PushPinIcon from '@mui/icons-material/PushPin';
import { Alert, Box, Typography } from '@mui/material';
import { DeleteButton, EditButton, ReferenceField, Show, TopToolbar, useRecordContext, useRedirect } from 'react-admin';
import type { Insight } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { dateTime } from '../../shared/format';
import { FilePath, InsightMarks, WrittenBy } from './InsightMarks';
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
        done={pinned ? 'It goes stale when its file changes.' : 'Agents are told it first, and it does not go stale.'}
      />
      <EditButton />
      <DeleteButton mutationMode="pessimistic" />
      <PurgeButton
        {...{ repositoryId, source, sourceId }}
        writer={author}
        onDone={() => redirect('list', 'insights')}
      />
    </TopToolbar>
  );
};

const Fact = () => {
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
          Agents are not told this: {path} is not what it was when it was written down, or is gone. That was first seen{' '}
          {dateTime(staleAt)}. Change the text if it holds for the file as it is now, or pin it.
        </Alert>
      )}
      {pinned && <Alert severity="info">Agents are told this whatever becomes of its file.</Alert>}
      <Typography variant="body2">
        About <ReferenceField source="repositoryId" reference="repositories" link="show" />
        {path ? ', file ' : ', all of it'}
        <FilePath path={path} />
        {blob && ` as of content ${blob.slice(0, 12)}`}
      </Typography>
      <Typography variant="body2" color="text.secondary">
        Written by <WrittenBy insight={record} />; first said {dateTime(createdAt)}
      </Typography>
    </Box>
  );
};

export const InsightShow = () => (
  <Show actions={<Actions />}>
    <Fact />
  </Show>
);
