import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { once } from 'node:events';
import { measureCpuMs } from '@teko/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ApiFixture, type ApiClient } from './api.fixture';

const SECRET = 'a secret of 23 letters.';
const MB = 1024 * 1024;
const ISSUE = JSON.stringify({ action: 'opened', repository: { id: 186853002 }, token: `ghp_${'a'.repeat(36)}` });

let api: ApiFixture;
let maintainer: ApiClient;
let deliveries = 0;
beforeAll(async () => {
  api = await ApiFixture.start({ GITHUB_WEBHOOK_SECRET: SECRET });
  maintainer = await api.client('maintainer');
});
afterAll(() => api?.close());

const signatureOf = (body: string, secret = SECRET) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

function headersOf(body: string, more: Record<string, string | undefined> = {}): Record<string, string> {
  const headers: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'x-github-delivery': `delivery-${++deliveries}`,
    'x-github-event': 'issues',
    'x-hub-signature-256': signatureOf(body),
    ...more,
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}

const send = (body: string, more?: Record<string, string | undefined>) =>
  new Promise<Response>((resolve, reject) => {
    fetch(`${api.url}/webhooks/github`, { method: 'POST', body, headers: headersOf(body, more) }).then(resolve, reject);
  });

const events = async () =>
  (await maintainer.get<{ data: { id: string }[]; total: number }>('/api/v1/webhook-events')).body;

async function refusals(reason: string): Promise<number> {
  const text = await (await fetch(`${api.url}/metrics`)).text();
  return Number(new RegExp(`^teko_webhooks_refused_total{reason="${reason}"} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

describe('what is refused', () => {
  let stored = 0;
  beforeEach(async () => (stored = (await events()).total));

  async function expectRefused(status: number, reason: string, answer: () => Promise<Response>) {
    const before = await refusals(reason);
    let response!: Response;
    // Refusing must be cheap, or a flood of bad requests stops everybody's; the client's share is in the figure too.
    expect(await measureCpuMs(async () => (response = await answer()))).toBeLessThan(1000);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(await refusals(reason)).toBe(before + 1);
    expect((await events()).total).toBe(stored);
    return ((await response.json()) as { detail: string }).detail;
  }

  it.each<[string, string | undefined]>([
    ['no', undefined],
    ['an empty', ''],
    ['a truncated', signatureOf(ISSUE).slice(0, -1)],
    ['another secret’s', signatureOf(ISSUE, 'another secret of letters')],
    ['another body’s', signatureOf(`${ISSUE} `)],
    ['a plain', signatureOf(ISSUE).slice('sha256='.length)],
    ['an older', `sha1=${createHmac('sha1', SECRET).update(ISSUE).digest('hex')}`],
  ])('%s signature', async (_which, signature) => {
    await expectRefused(401, 'signature', () => send(ISSUE, { 'x-hub-signature-256': signature }));
  });

  it('a body of 25 MB', async () => {
    const detail = await expectRefused(413, 'too_large', () => send('x'.repeat(25 * MB)));
    expect(detail).toContain('10 MB');
  });

  it('JSON that is nested deeply, however it is signed', async () => {
    const depth = 1_000_000;
    const deep = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(await expectRefused(422, 'invalid', () => send(deep))).toContain('nested');
  });

  it.each<[string, string, Record<string, string | undefined>]>([
    ['no JSON', '{"action":', {}],
    ['no object', '[1]', {}],
    ['no delivery', ISSUE, { 'x-github-delivery': undefined }],
    ['no event', ISSUE, { 'x-github-event': undefined }],
    ['another kind of content', ISSUE, { 'content-type': 'text/plain' }],
  ])('%s', async (_what, body, headers) => {
    await expectRefused(422, 'invalid', () => send(body, headers));
  });

  it('everything while there is no secret, with what to do about it', async () => {
    const other = await ApiFixture.start();
    onTestFinished(() => other.close());
    const body = ISSUE;
    const response = await fetch(`${other.url}/webhooks/github`, { method: 'POST', body, headers: headersOf(body) });
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('GITHUB_WEBHOOK_SECRET')]);
  });
});

describe('a body that is too large is not read to its end', () => {
  /** Writes a request by hand, as no client lies about its body; answers what came back and how much was taken. */
  async function write(head: string[], part: Buffer, parts: number) {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    let answer = '';
    let closed = false;
    socket.on('data', (data: Buffer) => (answer += data.toString()));
    socket.on('close', () => (closed = true));
    socket.write([`POST /webhooks/github HTTP/1.1`, 'Host: teko', ...head, '', ''].join('\r\n'));
    let taken = 0;
    for (; taken < parts && !closed && !answer; taken++) {
      if (!socket.write(part))
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
      await new Promise(setImmediate);
    }
    if (!closed) await once(socket, 'close');
    return { answer, taken };
  }

  it('where its length is said', async () => {
    const { answer } = await write([`Content-Length: ${25 * MB}`], Buffer.alloc(0), 0);
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i);
  });

  it('where it is not said', async () => {
    const part = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MB, 'x'), Buffer.from('\r\n')]);
    const { answer, taken } = await write(['Transfer-Encoding: chunked'], part, 200);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    // Some is still on its way when the answer comes.
    expect(taken).toBeLessThan(60);
  });
});

describe('what is taken', () => {
  it('is answered 202 each time and stored once, and nothing of the caller counts but the signature', async () => {
    const before = (await events()).total;
    const headers = { 'x-github-delivery': 'the same', cookie: maintainer.cookie };
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await send(ISSUE, headers)).status);
    expect(statuses).toEqual([202, 202, 202, 202, 202]);
    expect((await events()).total).toBe(before + 1);
  });

  it('comes as a form too', async () => {
    const form = new URLSearchParams({ payload: ISSUE }).toString();
    const type = 'application/x-www-form-urlencoded';
    expect((await send(form, { 'content-type': type, 'x-github-delivery': 'a form' })).status).toBe(202);
    const [event] = (await maintainer.get<{ data: { id: string }[] }>('/api/v1/webhook-events?q=a%20form')).body.data;
    expect((await api.repositories.WebhookEventRepository.findById(event!.id))!.payload).toBe(ISSUE);
  });

  it('is shown without secrets, and handled again when somebody says so', async () => {
    await send(ISSUE, { 'x-github-delivery': 'to show' });
    const [event] = (await maintainer.get<{ data: { id: string }[] }>('/api/v1/webhook-events?q=to%20show')).body.data;
    const path = `/api/v1/webhook-events/${event!.id}`;
    expect(event).not.toHaveProperty('payload');
    const { body } = await maintainer.get<{ payload: string }>(path);
    expect(body.payload).toContain('186853002');
    expect(body.payload).not.toContain('ghp_');
    await api.repositories.WebhookEventRepository.update(event!.id, { status: 'failed', attempts: 10 });
    const replayed = await maintainer.post(`${path}/replay`);
    expect([replayed.status, replayed.body]).toEqual([
      202,
      expect.objectContaining({ status: 'pending', attempts: 0 }),
    ]);
    expect((await (await api.client('developer')).get(path)).status).toBe(403);
  });
});
