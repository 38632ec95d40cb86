import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  Clock,
  DomainError,
  Ids,
  InvalidError,
  NotFoundError,
  RepositoryRepository,
  UnavailableError,
  WebhookEventRepository,
  WebhookParser,
  type WebhookEvent,
} from '@teko/domain';
import { ExternalEvents } from './external-events.service';
import type { Outcome } from './outcome';

const DEEPEST = 100;
const MAX_HEADER_LENGTH = 100;
/** Of a process that died an event is taken over so late; one that works renews its right. */
const LEASE_MS = 15_000;
const MAX_ATTEMPTS = 10;
const INITIAL_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 600_000;

/** A webhook as it came in. */
export interface Delivery {
  deliveryId: string | undefined;
  event: string | undefined;
  signature: string | undefined;
  body: Buffer;
}

/** Stores webhooks before they are answered, and has them handled in order for each subject. */
@Injectable()
export class WebhookInbox {
  private readonly logger = new Logger(WebhookInbox.name);
  private readonly listeners = new Set<() => void>();

  constructor(
    @Inject(WebhookEventRepository) private readonly events: WebhookEventRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(WebhookParser) private readonly reader: WebhookParser,
    @Inject(ExternalEvents) private readonly externalEvents: ExternalEvents,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /**
   * Stores a delivery once and wakes up whoever handles it. Throws DomainError `unauthenticated` where the signature does
   * not hold, InvalidError where headers or payload are wrong. False where it was there already.
   */
  async receive({ deliveryId, event, signature, body }: Delivery): Promise<boolean> {
    if (!this.reader.verify(body, signature))
      throw new DomainError('unauthenticated', 'the signature does not fit the body and the webhook secret');
    const errors = { ...headerFault('X-GitHub-Delivery', deliveryId), ...headerFault('X-GitHub-Event', event) };
    if (Object.keys(errors).length > 0) throw new InvalidError(errors);
    const payload = payloadOf(body);
    const { forgeId, action, subject } = this.reader.read(event!, JSON.parse(payload));
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
      leasedUntil: null,
      receivedAt: now,
      handledAt: null,
    });
    for (const wake of this.listeners) wake();
    return stored;
  }

  /** Lets a stored event be handled again. */
  async replay(id: string): Promise<WebhookEvent> {
    if (!(await this.events.findById(id))) throw new NotFoundError('webhook event', id);
    const again = { status: 'pending', detail: null, attempts: 0, leasedUntil: null, handledAt: null } as const;
    const event = await this.events.update(id, { ...again, dueAt: this.clock.now() });
    for (const wake of this.listeners) wake();
    return event;
  }

  /** Calls `listener` whenever there is something to handle; answers a function that ends that. */
  onArrival(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Handles the next event that is due; false where there is none. */
  async handleNext(): Promise<boolean> {
    const event = await this.events.claim(this.clock.now(), LEASE_MS);
    if (!event) return false;
    const renewal = setInterval(() => void this.renew(event), LEASE_MS / 3);
    try {
      const { isDone, detail } = await this.handle(event);
      await this.settle(event, { status: isDone ? 'handled' : 'ignored', detail });
    } catch (error) {
      await this.fail(event, error as Error);
    } finally {
      clearInterval(renewal);
    }
    return true;
  }

  private async renew({ id }: WebhookEvent): Promise<void> {
    const leasedUntil = new Date(this.clock.now().getTime() + LEASE_MS);
    await this.events.update(id, { leasedUntil }).catch(() => undefined);
  }

  private async handle({ event, payload }: WebhookEvent): Promise<Outcome> {
    const { forgeId, externalEvent, ignored } = this.reader.read(event, JSON.parse(payload));
    if (!externalEvent) return { isDone: false, detail: ignored ?? 'nothing is to be done' };
    const repository = forgeId ? await this.repositories.findByForgeId('github', forgeId) : null;
    if (!repository) return { isDone: false, detail: 'Its repository is not under care.' };
    return this.externalEvents.handle(repository, externalEvent);
  }

  /** What the outside or our own database did not do is tried again, later each time; the rest is for people. */
  private async fail(event: WebhookEvent, error: Error): Promise<void> {
    const detail = error instanceof DomainError ? error.message : 'Something in Teko went wrong; the log says what.';
    if (!(error instanceof UnavailableError))
      this.logger.error(`webhook ${event.deliveryId}: ${error.message}`, error.stack);
    const isOver = !(error instanceof UnavailableError) || event.attempts >= MAX_ATTEMPTS;
    if (isOver) return this.settle(event, { status: 'failed', detail });
    const wait = Math.min(INITIAL_BACKOFF_MS * 2 ** (event.attempts - 1), MAX_BACKOFF_MS);
    const dueAt = new Date(this.clock.now().getTime() + wait);
    await this.events.update(event.id, { detail, dueAt, leasedUntil: null });
  }

  private async settle(event: WebhookEvent, patch: Pick<WebhookEvent, 'status' | 'detail'>): Promise<void> {
    await this.events.update(event.id, { ...patch, leasedUntil: null, handledAt: this.clock.now() });
  }
}

function headerFault(name: string, value: string | undefined): Record<string, string> {
  if (value && value.length <= MAX_HEADER_LENGTH) return {};
  return { [name]: `must be a header of 1 to ${MAX_HEADER_LENGTH} characters` };
}

/** The JSON of a body, checked for depth before it is read: what reads it on the way may be recursive. */
function payloadOf(body: Buffer): string {
  const sent = body.toString('utf8');
  // ForgeRouter can send it as a form too.
  const text = sent.startsWith('payload=') ? (new URLSearchParams(sent).get('payload') ?? '') : sent;
  if (depthOf(text) > DEEPEST) throw new InvalidError({ body: `is nested deeper than ${DEEPEST} levels` });
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch {
    throw new InvalidError({ body: 'is not JSON' });
  }
  throw new InvalidError({ body: 'is not a JSON object' });
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length && deepest <= DEEPEST; i++) {
    const char = text[i];
    if (inString && char === '\\') i++;
    else if (char === '"') inString = !inString;
    else if (!inString && (char === '{' || char === '[')) deepest = Math.max(deepest, ++depth);
    else if (!inString && (char === '}' || char === ']')) depth--;
  }
  return deepest;
}
