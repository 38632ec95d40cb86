import type { ExternalEvent } from './external-event';

/** Reads what a forge sends. */
export interface WebhookParser {
  /** Compares in constant time; false without a secret. */
  verify(body: Buffer, signature: string | undefined): boolean;
  /** Never throws: what cannot be read is ignored with the reason. */
  read(event: string, payload: unknown): ParsedWebhook;
}

export const WebhookParser = Symbol('WebhookParser');

/** What a webhook's payload comes to. */
export interface ParsedWebhook {
  /** The forge's identifier of the repository it is about; null where it is about none. */
  forgeId: string | null;
  action: string | null;
  /** Messages of one subject are handled in order. */
  subject: string;
  /** Null where nothing is to be done, and `ignored` says why. */
  externalEvent: ExternalEvent | null;
  ignored: string | null;
}
