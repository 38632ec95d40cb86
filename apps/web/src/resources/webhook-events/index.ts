import WebhookIcon from '@mui/icons-material/Webhook';
import { WebhookEventList } from './WebhookEventList';
import { WebhookEventShow } from './WebhookEventShow';

export const webhookEvents = {
  list: WebhookEventList,
  show: WebhookEventShow,
  icon: WebhookIcon,
  options: { label: 'Webhook events' },
  recordRepresentation: (event: { number: number }) => `Webhook event ${event.number}`,
};
