import type { ExternalEvent } from './external-event';

/** Verifies and parses the webhooks of a forge. */
export interface WebhookParser {
  /** Verifies the signature in constant time. Returns false if no secret is configured. */
  verify(body: Buffer, signature: string | undefined): boolean;
  /** Parses a payload. Never throws: an invalid payload is ignored with a reason. */
  parse(event: string, payload: unknown): ParsedWebhook;
}

export const WebhookParser = Symbol('WebhookParser');

/** The parsed payload of a webhook. */
export interface ParsedWebhook {
  /** The forge's id of the repository; null if the webhook is not about a repository. */
  forgeId: string | null;
  action: string | null;
  /** Events with the same subject are handled in order. */
  subject: string;
  /** Null if the webhook is ignored; `ignored` then contains the reason. */
  externalEvent: ExternalEvent | null;
  ignored: string | null;
}
