import ReplayIcon from '@mui/icons-material/Replay';
import { Alert, Box, Typography } from '@mui/material';
import { ReferenceField, Show, TopToolbar, useRecordContext } from 'react-admin';
import type { WebhookEventWithPayload } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { dateTime } from '../../shared/format';
import { StatusChip } from '../../shared/StatusChip';
import { eventName } from './WebhookEventList';

const Actions = () => {
  const event = useRecordContext<WebhookEventWithPayload>();
  return (
    <TopToolbar sx={{ flexWrap: 'wrap' }}>
      {event && (
        <ActionButton
          label="Redeliver"
          icon={<ReplayIcon />}
          path={`/webhook-events/${event.id}/redeliver`}
          permission={{ resource: 'webhook-events', action: 'update' }}
          confirm="Teko processes the event again as if it had just arrived. Actions that were already taken are not repeated."
          done="The event will be processed again."
        />
      )}
    </TopToolbar>
  );
};

/** Returns indented JSON, or the text itself if redacted secrets made it invalid. */
function indented(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

function attemptsText(attempts: number): string {
  if (attempts === 0) return 'no attempts yet';
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}

const Details = () => {
  const event = useRecordContext<WebhookEventWithPayload>();
  if (!event) return null;
  const { status, detail, attempts, receivedAt, handledAt } = event;
  return (
    <Box sx={{ p: 2, display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Typography variant="h5" component="h1" sx={{ overflowWrap: 'anywhere' }}>
        Webhook event {event.number}: {eventName(event)}
      </Typography>
      <Box sx={{ display: 'flex', gap: 1.5, flexWrap: 'wrap', alignItems: 'center' }}>
        <StatusChip value={status} />
        <Typography variant="body2">
          received {dateTime(receivedAt)}
          {handledAt && `, processed ${dateTime(handledAt)}`}, {attemptsText(attempts)}
        </Typography>
        {event.repositoryId && <ReferenceField source="repositoryId" reference="repositories" link="show" />}
      </Box>
      {detail && <Alert severity={status === 'failed' ? 'error' : 'info'}>{detail}</Alert>}
      <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
        Delivery {event.deliveryId} from {event.source}. Events of {event.subject} are processed in order.
      </Typography>
      <Box component="section" aria-label="Payload">
        <Typography variant="h6" component="h2" gutterBottom>
          Payload
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
  return <>{event && `Webhook event ${event.number}`}</>;
};

export const WebhookEventShow = () => (
  <Show actions={<Actions />} title={<Title />}>
    <Details />
  </Show>
);
