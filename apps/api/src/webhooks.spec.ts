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

function headersOf(body: string, overrides: Record<string, string | undefined> = {}): Record<string, string> {
  const headers: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'x-github-delivery': `delivery-${++deliveries}`,
    'x-github-event': 'issues',
    'x-hub-signature-256': signatureOf(body),
    ...overrides,
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}

const send = (body: string, overrides?: Record<string, string | undefined>) =>
  new Promise<Response>((resolve, reject) => {
    fetch(`${api.url}/webhooks/github`, { method: 'POST', body, headers: headersOf(body, overrides) }).then(
      resolve,
      reject,
    );
  });

const events = async () =>
  (await maintainer.get<{ data: { id: string }[]; total: number }>('/api/v1/webhook-events')).body;

async function rejectedCount(reason: string): Promise<number> {
  const text = await (await fetch(`${api.url}/metrics`)).text();
  return Number(new RegExp(`^teko_webhooks_rejected_total{reason="${reason}"} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

describe('rejects', () => {
  let stored = 0;
  beforeEach(async () => (stored = (await events()).total));

  async function expectRejected(status: number, reason: string, request: () => Promise<Response>) {
    const before = await rejectedCount(reason);
    let response!: Response;
    // Rejecting has to be cheap, so that a flood of invalid requests does not block others. The limit includes the client.
    expect(await measureCpuMs(async () => (response = await request()))).toBeLessThan(1000);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(await rejectedCount(reason)).toBe(before + 1);
    expect((await events()).total).toBe(stored);
    return ((await response.json()) as { detail: string }).detail;
  }

  it.each<[string, string | undefined]>([
    ['a missing', undefined],
    ['an empty', ''],
    ['a truncated', signatureOf(ISSUE).slice(0, -1)],
    ['another secret’s', signatureOf(ISSUE, 'another secret of letters')],
    ['another body’s', signatureOf(`${ISSUE} `)],
    ['an unprefixed', signatureOf(ISSUE).slice('sha256='.length)],
    ['a SHA-1', `sha1=${createHmac('sha1', SECRET).update(ISSUE).digest('hex')}`],
  ])('%s signature', async (_which, signature) => {
    await expectRejected(401, 'signature', () => send(ISSUE, { 'x-hub-signature-256': signature }));
  });

  it('a body of 25 MB', async () => {
    const detail = await expectRejected(413, 'too_large', () => send('x'.repeat(25 * MB)));
    expect(detail).toContain('10 MB');
  });

  it('deeply nested JSON with a valid signature', async () => {
    const depth = 1_000_000;
    const deep = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(await expectRejected(422, 'invalid', () => send(deep))).toContain('nested');
  });

  it.each<[string, string, Record<string, string | undefined>]>([
    ['invalid JSON', '{"action":', {}],
    ['JSON that is not an object', '[1]', {}],
    ['a missing delivery ID', ISSUE, { 'x-github-delivery': undefined }],
    ['a missing event', ISSUE, { 'x-github-event': undefined }],
    ['another content type', ISSUE, { 'content-type': 'text/plain' }],
  ])('%s', async (_what, body, headers) => {
    await expectRejected(422, 'invalid', () => send(body, headers));
  });

  it('everything without a configured secret, with a remedy', async () => {
    const other = await ApiFixture.start();
    onTestFinished(() => other.close());
    const body = ISSUE;
    const response = await fetch(`${other.url}/webhooks/github`, { method: 'POST', body, headers: headersOf(body) });
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('GITHUB_WEBHOOK_SECRET')]);
  });
});

describe('does not read a large body to its end', () => {
  /** Sends a raw request over a socket. Returns the response and how many chunks the server accepted. */
  async function write(head: string[], chunk: Buffer, chunks: number) {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    let response = '';
    let closed = false;
    socket.on('data', (data: Buffer) => (response += data.toString()));
    socket.on('close', () => (closed = true));
    socket.write([`POST /webhooks/github HTTP/1.1`, 'Host: teko', ...head, '', ''].join('\r\n'));
    let accepted = 0;
    for (; accepted < chunks && !closed && !response; accepted++) {
      if (!socket.write(chunk))
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
      await new Promise(setImmediate);
    }
    if (!closed) await once(socket, 'close');
    return { response, accepted };
  }

  it('with a content length', async () => {
    const { response } = await write([`Content-Length: ${25 * MB}`], Buffer.alloc(0), 0);
    expect(response).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i);
  });

  it('without a content length', async () => {
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MB, 'x'), Buffer.from('\r\n')]);
    const { response, accepted } = await write(['Transfer-Encoding: chunked'], chunk, 200);
    expect(response).toMatch(/^HTTP\/1\.1 413 /);
    // Some chunks are still in flight when the response arrives.
    expect(accepted).toBeLessThan(60);
  });
});

describe('a valid webhook', () => {
  it('returns 202 for each delivery, is stored once, and ignores session cookies', async () => {
    const before = (await events()).total;
    const headers = { 'x-github-delivery': 'the same', cookie: maintainer.cookie };
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await send(ISSUE, headers)).status);
    expect(statuses).toEqual([202, 202, 202, 202, 202]);
    expect((await events()).total).toBe(before + 1);
  });

  it('can be sent as a form', async () => {
    const form = new URLSearchParams({ payload: ISSUE }).toString();
    const type = 'application/x-www-form-urlencoded';
    expect((await send(form, { 'content-type': type, 'x-github-delivery': 'a form' })).status).toBe(202);
    const [event] = (await maintainer.get<{ data: { id: string }[] }>('/api/v1/webhook-events?q=a%20form')).body.data;
    expect((await api.repositories.WebhookEventRepository.findById(event!.id))!.payload).toBe(ISSUE);
  });

  it('is returned without secrets, and can be replayed', async () => {
    await send(ISSUE, { 'x-github-delivery': 'to show' });
    const [event] = (await maintainer.get<{ data: { id: string }[] }>('/api/v1/webhook-events?q=to%20show')).body.data;
    const path = `/api/v1/webhook-events/${event!.id}`;
    expect(event).not.toHaveProperty('payload');
    const { body } = await maintainer.get<{ payload: string }>(path);
    expect(body.payload).toContain('186853002');
    expect(body.payload).not.toContain('ghp_');
    await api.repositories.WebhookEventRepository.update(event!.id, { status: 'failed', attempts: 10 });
    const replayed = await maintainer.post(`${path}/redeliver`);
    expect([replayed.status, replayed.body]).toEqual([
      202,
      expect.objectContaining({ status: 'pending', attempts: 0 }),
    ]);
    expect((await (await api.client('developer')).get(path)).status).toBe(403);
  });
});
