import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { isJson, type Json } from './github-http';

/** One message to Teko, with every try to bring it. */
export interface Delivery {
  /** Counted up in the order of sending. */
  number: number;
  /** GUID of `X-GitHub-Delivery`. */
  id: string;
  event: string;
  action: string | null;
  payload: Json;
  /** What was signed, byte for byte. */
  body: string;
  headers: Record<string, string>;
  /** Answers of the receiver; null where it did not answer. Empty: kept back or lost. */
  attempts: (number | null)[];
}

const TIMEOUT_MS = 10_000;

/** Stands between GitHub and Teko: brings webhooks, keeps them, loses them, and brings them again. */
export class GithubWebhooks {
  /** Everything that was sent, the oldest first. */
  readonly log: Delivery[] = [];
  /** What happens with new ones: `deliver` them, `keep` them in the log for `redeliver`, or `lose` them. */
  mode: 'deliver' | 'keep' | 'lose' = 'deliver';
  /** Where Teko listens. */
  url: string | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private waiting: (() => void)[] = [];

  constructor(
    readonly secret: string,
    private readonly events: string[],
    private readonly target: { id: number; type: 'integration' | 'repository' },
  ) {}

  /** Where Teko listens; until it is said, messages are kept. */
  deliverTo(url: string): void {
    this.url = url;
  }

  /** Those that nobody has taken yet. */
  get kept(): Delivery[] {
    return this.log.filter((delivery) => delivery.attempts.length === 0);
  }

  /** Brings one again, as it was; answers the receiver's status. GitHub does this only when it is asked to. */
  redeliver(delivery: Delivery): Promise<number | null> {
    return this.queued(() => this.bring(delivery));
  }

  /** The first message (also of the past) that fits. */
  async waitFor(fits: (delivery: Delivery) => boolean, timeoutMs = 60_000): Promise<Delivery> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.log.find(fits);
      if (found) {
        await this.settled();
        return found;
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`No such webhook came. There were: ${this.names()}.`);
      await this.nextOr(left);
    }
  }

  /** Once those under way have arrived. */
  async settled(): Promise<void> {
    await this.queue;
  }

  /** A message with a good signature that GitHub never sent, for the story to bring in its own way. */
  signed(event: string, payload: Json): Delivery {
    const body = JSON.stringify(payload);
    const id = randomUUID();
    const hmac = (algorithm: string) => createHmac(algorithm, this.secret).update(body).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/5f2a1c9',
      'x-github-delivery': id,
      'x-github-event': event,
      'x-github-hook-id': '1',
      'x-github-hook-installation-target-id': String(this.target.id),
      'x-github-hook-installation-target-type': this.target.type,
      'x-hub-signature': `sha1=${hmac('sha1')}`,
      'x-hub-signature-256': `sha256=${hmac('sha256')}`,
    };
    const action = typeof payload.action === 'string' ? payload.action : null;
    return { number: this.log.length + 1, id, event, action, payload, body, headers, attempts: [] };
  }

  /** Sends an event to who is subscribed to it. */
  send(event: string, payload: Json): void {
    if (!this.events.includes(event) || this.mode === 'lose') return;
    const delivery = this.signed(event, payload);
    this.log.push(delivery);
    if (this.mode === 'deliver' && this.url) void this.queued(() => this.bring(delivery));
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** What the emulator sent, if its signature is good. */
  opened(headers: Record<string, string>, body: string): { event: string; payload: Json } {
    const expected = Buffer.from(`sha256=${createHmac('sha256', this.secret).update(body).digest('hex')}`);
    const given = Buffer.from(String(headers['X-Hub-Signature-256']));
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Error('a webhook is not signed');
    const payload: unknown = JSON.parse(body);
    if (!isJson(payload)) throw new Error('a webhook has no payload');
    return { event: String(headers['X-GitHub-Event']), payload };
  }

  private async bring(delivery: Delivery): Promise<number | null> {
    if (!this.url) throw new Error('Nobody listens yet: call deliverTo first.');
    const { body, headers } = delivery;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(this.url, { method: 'POST', headers, body, signal }).catch(() => null);
    await response?.arrayBuffer();
    delivery.attempts.push(response?.status ?? null);
    return response?.status ?? null;
  }

  private queued<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => {});
    return done;
  }

  private async nextOr(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  private names(): string {
    return this.log.map(({ event, action }) => (action ? `${event}.${action}` : event)).join(', ') || 'none';
  }
}
