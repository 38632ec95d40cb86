import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { isJson, type Json } from './github-http';

/** A webhook delivery with all its attempts. */
export interface Delivery {
  /** Sequence number in order of sending. */
  number: number;
  /** GUID of `X-GitHub-Delivery`. */
  id: string;
  event: string;
  action: string | null;
  payload: Json;
  /** The signed body. */
  body: string;
  headers: Record<string, string>;
  /** Status codes of the receiver, or null for an attempt without a response. Empty if the delivery was held. */
  attempts: (number | null)[];
}

const DELIVERY_TIMEOUT_MS = 10_000;

/** Delivers webhooks to Teko; can also hold, drop and redeliver them. */
export class GithubWebhooks {
  /** All deliveries that were not dropped, oldest first. */
  readonly log: Delivery[] = [];
  /** What happens to new webhooks: `deliver` them, `hold` them in the log for `redeliver`, or `drop` them. */
  mode: 'deliver' | 'hold' | 'drop' = 'deliver';
  /** Teko's webhook address. */
  url: string | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private waiters: (() => void)[] = [];

  constructor(
    readonly secret: string,
    private readonly events: string[],
    private readonly target: { id: number; type: 'integration' | 'repository' },
  ) {}

  /** Sets Teko's webhook address. Webhooks sent before are held. */
  deliverTo(url: string): void {
    this.url = url;
  }

  /** Deliveries without an attempt. */
  get undelivered(): Delivery[] {
    return this.log.filter((delivery) => delivery.attempts.length === 0);
  }

  /** Delivers the same request again and returns the receiver's status, or null if there was no response. GitHub does this only on request. */
  redeliver(delivery: Delivery): Promise<number | null> {
    return this.enqueue(() => this.attempt(delivery));
  }

  /** Waits for the first delivery, including past ones, that matches. */
  async waitFor(matches: (delivery: Delivery) => boolean, timeoutMs = 60_000): Promise<Delivery> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.log.find(matches);
      if (found) {
        await this.settled();
        return found;
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`No matching webhook was sent. Sent: ${this.names()}.`);
      await this.nextWebhookOr(left);
    }
  }

  /** Waits until all pending deliveries are completed. */
  async settled(): Promise<void> {
    await this.queue;
  }

  /** Returns a delivery with a valid signature that is neither logged nor sent. */
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

  /** Sends an event if Teko is subscribed to it. */
  send(event: string, payload: Json): void {
    if (!this.events.includes(event) || this.mode === 'drop') return;
    const delivery = this.signed(event, payload);
    this.log.push(delivery);
    if (this.mode === 'deliver' && this.url) void this.enqueue(() => this.attempt(delivery));
    for (const wake of this.waiters.splice(0)) wake();
  }

  /** Parses a webhook of the backend. Throws if the signature is invalid. */
  verify(headers: Record<string, string>, body: string): { event: string; payload: Json } {
    const expected = Buffer.from(`sha256=${createHmac('sha256', this.secret).update(body).digest('hex')}`);
    const given = Buffer.from(String(headers['X-Hub-Signature-256']));
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Error('the signature of a webhook is invalid');
    const payload: unknown = JSON.parse(body);
    if (!isJson(payload)) throw new Error('a webhook has no payload');
    return { event: String(headers['X-GitHub-Event']), payload };
  }

  private async attempt(delivery: Delivery): Promise<number | null> {
    if (!this.url) throw new Error('There is no webhook address: call deliverTo first.');
    const { body, headers } = delivery;
    const signal = AbortSignal.timeout(DELIVERY_TIMEOUT_MS);
    const response = await fetch(this.url, { method: 'POST', headers, body, signal }).catch(() => null);
    await response?.arrayBuffer();
    delivery.attempts.push(response?.status ?? null);
    return response?.status ?? null;
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => {});
    return done;
  }

  private async nextWebhookOr(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.waiters.push(resolve);
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  private names(): string {
    return this.log.map(({ event, action }) => (action ? `${event}.${action}` : event)).join(', ') || 'none';
  }
}
