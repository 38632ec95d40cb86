import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ApiFixture, type ApiClient } from './api.fixture';

let api: ApiFixture;
let admin: ApiClient;
beforeAll(async () => {
  api = await ApiFixture.start();
  admin = await api.client('admin');
});
afterAll(() => api?.close());

/** Sends a request with any `Host`, which fetch does not allow. */
function send(url: string, headers: Record<string, string>, path = '/api/v1/sign-in-methods') {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    request(url + path, { headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode!, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('JSON bodies', () => {
  const nested = (levels: number, open: string, inner: string, close: string) =>
    open.repeat(levels) + inner + close.repeat(levels);

  it.each([
    ['arrays', nested(90_000, '[', '', ']')],
    ['objects', nested(90_000, '{"a":', '1', '}')],
    ['arrays in objects', nested(45_000, '{"a":[', '', ']}')],
    ['arrays in a known field', `{"token":${nested(90_000, '[', '', ']')}}`],
    ['arrays that are not closed', '['.repeat(90_000)],
    ['33 levels', nested(33, '{"token":', '1', '}')],
    ['many values', `[${'1,'.repeat(60_000)}1]`],
    ['many keys', `{${Array.from({ length: 60_000 }, (_, n) => `"${n}":1`).join()}}`],
  ])('with %s are a 400 without a stack trace', async (_name, body) => {
    for (const path of ['/api/v1/sessions', '/api/v1/sessions/password', '/api/v1/tasks']) {
      const answer = await admin.request('POST', path, body);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        400,
        expect.stringContaining('application/problem+json') as string,
      ]);
      expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|stack/);
    }
  });

  it('with ordinary nesting reach the validation', async () => {
    const { status } = await admin.post('/api/v1/sessions', { token: [[[['x']]]] });
    expect(status).toBe(422);
  });

  it.each([
    '?q[a][b][c]=1',
    `?${'q['.repeat(500)}x=1`,
    `?${Array.from({ length: 2000 }, (_, n) => `f${n}=1`).join('&')}`,
    '?__proto__[x]=1',
  ])('and the query %.30s is refused by field', async (query) => {
    const { status } = await admin.get(`/api/v1/tasks${query}`);
    expect(status).toBe(422);
  });

  it('of a form are not parsed', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status } = await (
      await api.client()
    ).request('POST', '/api/v1/sessions', `token=${'a[b]'.repeat(99)}`, form);
    expect(status).toBe(422);
  });
});

describe('hosts', () => {
  let exposed: ApiFixture;
  beforeAll(
    async () => (exposed = await ApiFixture.start({ TEKO_URL: 'https://teko.example', TEKO_HOSTS: 'other.example' })),
  );
  afterAll(() => exposed?.close());

  it.each([
    ['localhost', 200],
    ['localhost:3000', 200],
    ['LOCALHOST.', 200],
    ['teko.localhost:8080', 200],
    ['127.0.0.1', 200],
    ['127.0.0.2:80', 200],
    ['[::1]:3000', 200],
    ['evil.example', 421],
    ['evil.example:80', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['192.168.1.2', 421],
    ['169.254.169.254', 421],
    ['localhost@evil.example', 421],
    ['evil.example#localhost', 421],
  ])('a Teko on loopback answers "%s" with %i', async (host, status) => {
    const answer = await send(api.url, { host });
    expect(answer.status).toBe(status);
    if (status === 421) expect(answer.body).toMatch(/TEKO_URL.*TEKO_HOSTS/);
  });

  it.each([
    ['teko.example', 200],
    ['TEKO.example.:443', 200],
    ['other.example', 200],
    ['10.0.0.7:3000', 200],
    ['localhost', 200],
    ['evil.example', 421],
  ])('a Teko with a public URL answers "%s" with %i', async (host, status) =>
    expect((await send(exposed.url, { host })).status).toBe(status),
  );

  it('X-Forwarded-Host counts only behind a trusted proxy', async () => {
    const headers = { host: 'api:3000', 'x-forwarded-host': 'teko.example' };
    expect((await send(exposed.url, headers)).status).toBe(421);
    const proxied = await ApiFixture.startForTest({ TEKO_URL: 'https://teko.example', TEKO_PROXIES: '1' });
    expect((await send(proxied.url, headers)).status).toBe(200);
  });

  it.each(['/healthz', '/readyz', '/webhooks/github'])('%s answers for every host', async (path) =>
    expect((await send(api.url, { host: 'api.cluster.internal' }, path)).status).not.toBe(421),
  );

  it.each([
    ['http://localhost:5173', 200],
    ['http://127.0.0.1:3000', 200],
    ['https://evil.example', 403],
    ['http://localhost.evil.example', 403],
    ['null', 403],
    ['file://', 403],
  ])('a page of the origin %s gets %i', async (origin, status) =>
    expect((await send(api.url, { host: 'localhost', origin })).status).toBe(status),
  );
});

describe('documentation and metrics', () => {
  const PATHS = [
    '/docs',
    '/docs/',
    '/Docs',
    '/docs/swagger-ui.css',
    '/docs-yaml',
    '/openapi.json',
    '/metrics',
    '/METRICS/',
  ];

  it('are open if only this host can reach Teko, unless a setting closes them', async () => {
    for (const path of ['/docs', '/openapi.json', '/metrics'])
      expect([path, (await send(api.url, {}, path)).status]).toEqual([path, 200]);
    const closed = await ApiFixture.startForTest({ TEKO_PUBLIC_ENDPOINTS: 'none' });
    for (const path of PATHS) expect([path, (await send(closed.url, {}, path)).status]).toEqual([path, 401]);
  });

  it('need a session or an API token if other hosts can reach Teko', async () => {
    const exposed = await ApiFixture.startForTest({ HOST: '0.0.0.0' });
    for (const path of PATHS) {
      const { status, body } = await send(exposed.url, { authorization: 'Bearer teko_wrong' }, path);
      expect([path, status, JSON.parse(body)]).toEqual([path, 401, expect.objectContaining({ status: 401 })]);
      expect((await send(exposed.url, { cookie: 'teko_session=wrong' }, path)).status).toBe(401);
    }
    expect((await send(exposed.url, {}, '/healthz')).status).toBe(200);
    const viewer = await exposed.client('viewer');
    const created = await viewer.post('/api/v1/api-tokens', {
      ...{ name: 'Prometheus', scopes: ['read:Run'], expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
    });
    const authorization = `Bearer ${String(created.body.secret)}`;
    for (const path of ['/docs', '/openapi.json', '/metrics']) {
      expect([path, (await send(exposed.url, { authorization }, path)).status]).toEqual([path, 200]);
      expect([path, (await send(exposed.url, { cookie: viewer.cookie }, path)).status]).toEqual([path, 200]);
    }
  });

  it('can be opened one by one', async () => {
    const exposed = await ApiFixture.startForTest({ HOST: '0.0.0.0', TEKO_PUBLIC_ENDPOINTS: 'metrics' });
    expect((await send(exposed.url, {}, '/metrics')).status).toBe(200);
    expect((await send(exposed.url, {}, '/openapi.json')).status).toBe(401);
  });
});

it('one user has at most 50 event streams', async () => {
  const viewer = await api.client('viewer');
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const open = () => fetch(`${api.url}/api/v1/events`, { headers: { cookie: viewer.cookie }, signal: stop.signal });
  const first = await Promise.all(Array.from({ length: 50 }, open));
  expect(new Set(first.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await open()).status).toBe(429);
  expect((await admin.request('GET', '/api/v1/events', undefined, {}, { headersOnly: true })).status).toBe(200);
});

it('answers are not stored in shared caches', async () =>
  expect((await admin.get('/api/v1/me')).headers.get('cache-control')).toBe('private, no-cache'));

it('live events are not buffered or transformed by proxies', async () => {
  const stop = new AbortController();
  const { headers } = await fetch(`${api.url}/api/v1/events`, {
    headers: { cookie: admin.cookie },
    signal: stop.signal,
  });
  stop.abort();
  expect(headers.get('x-accel-buffering')).toBe('no');
  expect(headers.get('cache-control')).toContain('no-transform');
});
