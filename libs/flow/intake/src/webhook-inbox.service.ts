import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  Clock,
  DomainError,
  Ids,
  InvalidError,
  jsonDepth,
  NotFoundError,
  RepositoryRepository,
  UnavailableError,
  WebhookEventRepository,
  WebhookParser,
  type WebhookEvent,
} from '@teko/domain';
import { ExternalEvents } from './external-events.service';
import { ignored, type Outcome } from './outcome';

const MAX_DEPTH = 100;
const MAX_HEADER_LENGTH = 100;
/** After this time without a renewal, another process claims the event. */
const LEASE_MS = 15_000;
const MAX_ATTEMPTS = 10;
const INITIAL_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 600_000;

/** A webhook request as it was received. */
export interface Delivery {
  deliveryId: string | undefined;
  event: string | undefined;
  signature: string | undefined;
  body: Buffer;
}

/** Stores webhooks before the request is answered, and processes them in order per subject. */
@Injectable()
export class WebhookInbox {
  private readonly logger = new Logger(WebhookInbox.name);
  private readonly listeners = new Set<() => void>();

  constructor(
    @Inject(WebhookEventRepository) private readonly events: WebhookEventRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(WebhookParser) private readonly parser: WebhookParser,
    @Inject(ExternalEvents) private readonly externalEvents: ExternalEvents,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /**
   * Stores a delivery and notifies the listeners. Returns false if the delivery is already stored. Throws DomainError
   * `unauthenticated` if the signature is invalid, and InvalidError if headers or payload are.
   */
  async receive({ deliveryId, event, signature, body }: Delivery): Promise<boolean> {
    if (!this.parser.verify(body, signature))
      throw new DomainError('unauthenticated', 'the signature does not match the body and the webhook secret');
    const errors = { ...headerErrors('X-GitHub-Delivery', deliveryId), ...headerErrors('X-GitHub-Event', event) };
    if (Object.keys(errors).length > 0) throw new InvalidError(errors);
    const payload = parsePayload(body);
    const { forgeId, action, subject } = this.parser.parse(event!, JSON.parse(payload));
    const repository = forgeId ? await this.repositories.findByForgeId('github', forgeId) : null;
    const now = this.clock.now();
    const stored = await this.events.insert({
      id: this.ids.next(),
      source: 'github',
      deliveryId: deliveryId!,
      event: event!,
      action: action?.slice(0, 40) ?? null,
      subject,
      repositoryId: repository?.id ?? null,
      status: 'pending',
      detail: null,
      attempts: 0,
      payload,
      dueAt: now,
      leaseExpiresAt: null,
      receivedAt: now,
      handledAt: null,
    });
    for (const listener of this.listeners) listener();
    return stored;
  }

  /** Queues a stored event to be processed again. */
  async redeliver(id: string): Promise<WebhookEvent> {
    if (!(await this.events.findById(id))) throw new NotFoundError('webhook event', id);
    const pending = { status: 'pending', detail: null, attempts: 0, leaseExpiresAt: null, handledAt: null } as const;
    const event = await this.events.update(id, { ...pending, dueAt: this.clock.now() });
    for (const listener of this.listeners) listener();
    return event;
  }

  /** Calls `listener` whenever an event is ready to be processed. Returns a function that unsubscribes it. */
  onArrival(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Processes the next due event. Returns false if there is none. */
  async handleNext(): Promise<boolean> {
    const event = await this.events.claim(this.clock.now(), LEASE_MS);
    if (!event) return false;
    const renewal = setInterval(() => void this.renew(event), LEASE_MS / 3);
    try {
      const { isHandled, detail } = await this.handle(event);
      await this.settle(event, { status: isHandled ? 'handled' : 'ignored', detail });
    } catch (error) {
      await this.fail(event, error as Error);
    } finally {
      clearInterval(renewal);
    }
    return true;
  }

  private async renew({ id }: WebhookEvent): Promise<void> {
    const leaseExpiresAt = new Date(this.clock.now().getTime() + LEASE_MS);
    await this.events.update(id, { leaseExpiresAt }).catch(() => undefined);
  }

  private async handle({ event, payload }: WebhookEvent): Promise<Outcome> {
    const { forgeId, externalEvent, ignored: reason } = this.parser.parse(event, JSON.parse(payload));
    if (!externalEvent) return ignored(reason ?? 'There is nothing to do.');
    const repository = forgeId ? await this.repositories.findByForgeId('github', forgeId) : null;
    if (!repository) return ignored('Repository is not managed by Teko.');
    return this.externalEvents.handle(repository, externalEvent);
  }

  /** Retries outages of the forge and the database with exponential backoff. Other errors are final. */
  private async fail(event: WebhookEvent, error: Error): Promise<void> {
    const detail = error instanceof DomainError ? error.message : 'Internal error in Teko; see the log.';
    if (!(error instanceof UnavailableError))
      this.logger.error(`webhook ${event.deliveryId}: ${error.message}`, error.stack);
    const isFinal = !(error instanceof UnavailableError) || event.attempts >= MAX_ATTEMPTS;
    if (isFinal) return this.settle(event, { status: 'failed', detail });
    const wait = Math.min(INITIAL_BACKOFF_MS * 2 ** (event.attempts - 1), MAX_BACKOFF_MS);
    const dueAt = new Date(this.clock.now().getTime() + wait);
    await this.events.update(event.id, { detail, dueAt, leaseExpiresAt: null });
  }

  private async settle(event: WebhookEvent, patch: Pick<WebhookEvent, 'status' | 'detail'>): Promise<void> {
    await this.events.update(event.id, { ...patch, leaseExpiresAt: null, handledAt: this.clock.now() });
  }
}

function headerErrors(name: string, value: string | undefined): Record<string, string> {
  if (value && value.length <= MAX_HEADER_LENGTH) return {};
  return { [name]: `must be a header of 1 to ${MAX_HEADER_LENGTH} characters` };
}

/** Returns the JSON text of a body. Checks the depth first, because parsers may be recursive. */
function parsePayload(body: Buffer): string {
  const raw = body.toString('utf8');
  // GitHub can send the payload form-encoded too.
  const text = raw.startsWith('payload=') ? (new URLSearchParams(raw).get('payload') ?? '') : raw;
  if (jsonDepth(text, MAX_DEPTH) > MAX_DEPTH)
    throw new InvalidError({ body: `must not be nested deeper than ${MAX_DEPTH} levels` });
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch {
    throw new InvalidError({ body: 'must be JSON' });
  }
  throw new InvalidError({ body: 'must be a JSON object' });
}
