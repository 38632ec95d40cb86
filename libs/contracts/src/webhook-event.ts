export const WEBHOOK_EVENT_STATUSES = ['pending', 'handled', 'ignored', 'failed'] as const;
export type WebhookEventStatus = (typeof WEBHOOK_EVENT_STATUSES)[number];
