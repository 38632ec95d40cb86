import ReplayIcon from '@mui/icons-material/Replay';
import { Alert, Box, Typography } from '@mui/material';
import { ReferenceField, Show, TopToolbar, useRecordContext } from 'react-admin';
import type { WebhookEventWithPayload } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { dateTime } from '../../shared/format';
import { StatusChip } from '../../shared/StatusChip';
import { nameOf } from './WebhookEventList';

const Actions = () => {
  const event = useRecordContext<WebhookEventWithPayload>();
  return (
    <TopToolbar sx={{ flexWrap: 'wrap' }}>
      {event && (
        <ActionButton
          label="Replay"
          icon={<ReplayIcon />}
          path={`/webhook-events/${event.id}/replay`}
          permission={{ resource: 'webhook-events', action: 'update' }}
          confirm="It is handled again, as if it had just come. What it came to before is not done twice."
          done="It will be handled again."
        />
      )}
    </TopToolbar>
  );
};

/** Text that is no JSON, because a secret was taken out of it, is shown as it is. */
function indented(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

function tries(attempts: number): string {
  if (attempts === 0) return 'not tried yet';
  return attempts === 1 ? 'tried once' : `tried ${attempts} times`;
}

const Details = () => {
  const event = useRecordContext<WebhookEventWithPayload>();
  if (!event) return null;
  const { status, detail, attempts, receivedAt, handledAt } = event;
  return (
    <Box sx={{ p: 2, display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Typography variant="h5" component="h1" sx={{ overflowWrap: 'anywhere' }}>
        Webhook {event.number}: {nameOf(event)}
      </Typography>
      <Box sx={{ display: 'flex', gap: 1.5, flexWrap: 'wrap', alignItems: 'center' }}>
        <StatusChip value={status} />
        <Typography variant="body2">
          received {dateTime(receivedAt)}
          {handledAt && `, handled ${dateTime(handledAt)}`}, {tries(attempts)}
        </Typography>
        {event.repositoryId && <ReferenceField source="repositoryId" reference="repositories" link="show" />}
      </Box>
      {detail && <Alert severity={status === 'failed' ? 'error' : 'info'}>{detail}</Alert>}
      <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
        Delivery {event.deliveryId} of {event.source}, in order with others of {event.subject}
      </Typography>
      <Box component="section" aria-label="Payload">
        <Typography variant="h6" component="h2" gutterBottom>
          What was sent
        </Typography>
        <Box
          component="pre"
          tabIndex={0}
          sx={{
            m: 0,
            p: 1.5,
            maxHeight: 600,
            overflow: 'auto',
            bgcolor: 'action.hover',
            borderRadius: 1,
            fontSize: 12.5,
          }}
        >
          {indented(event.payload)}
        </Box>
      </Box>
    </Box>
  );
};

const Title = () => {
  const event = useRecordContext<WebhookEventWithPayload>();
  return <>{event && `Webhook ${event.number}`}</>;
};

export const WebhookEventShow = () => (
  <Show actions={<Actions />} title={<Title />}>
    <Details />
  </Show>
);
