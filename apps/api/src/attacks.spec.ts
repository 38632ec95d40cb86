import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, type ApiClient } from './api.fixture';

const PASSWORD = 'correct horse battery';

let api: ApiFixture;
let admin: ApiClient;
beforeAll(async () => {
  api = await ApiFixture.start();
  admin = await api.client('admin');
});
afterAll(() => api?.close());

describe('attacks', () => {
  it('session fixation: a sign-in never reuses an existing session secret', async () => {
    const victim = await api.client();
    const planted = await api.client('viewer');
    victim.cookie = planted.cookie;
    const { headers } = await victim.signIn(await api.signInToken('admin'));
    expect(headers.getSetCookie()[0]).not.toContain(planted.cookie);
    expect((await planted.get('/api/v1/me')).status).toBe(401);
    victim.cookie = 'teko_session=chosen-by-the-attacker';
    await victim.signIn(await api.signInToken('admin'));
    expect(victim.cookie).not.toContain('chosen-by-the-attacker');
  });

  it('CSRF: a form of another origin sends the cookie but not the token', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' };
    for (const headers of [form, { ...form, 'content-type': 'text/plain' }]) {
      const answer = await admin.request('DELETE', '/api/v1/demo', undefined, {
        ...headers,
        'x-csrf-token': undefined,
      });
      expect(answer.status).toBe(403);
    }
    const preflight = await admin.request('OPTIONS', '/api/v1/tasks', undefined, { origin: 'https://evil.example' });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('token in the URL: a token in the query string is ignored', async () => {
    const secret = admin.cookie.split('=')[1]!;
    const anonymous = await api.client();
    for (const name of ['token', 'access_token', 'api_key', 'teko_session']) {
      expect((await anonymous.get(`/api/v1/me?${name}=${secret}`)).status).toBe(401);
    }
  });

  it('mass assignment: users cannot escalate their permissions with extra fields', async () => {
    const viewer = await api.client('viewer');
    for (const field of ['roles', 'email', 'disabled', 'passwordHash', 'id']) {
      const { status, body } = await viewer.patch('/api/v1/me', { name: 'x', [field]: ['admin'] });
      expect(status).toBe(422);
      expect(body.errors).toEqual({ [field]: 'is not a known field' });
    }
    expect((await viewer.get<{ user: { roles: string[] } }>('/api/v1/me')).body.user.roles).toEqual(['viewer']);
  });

  it('user enumeration: unknown email addresses and wrong passwords get the same response', async () => {
    const email = 'known@example.org';
    const known = await api.user({ email, roles: ['viewer'] });
    const client = await api.clientOf(known);
    expect((await client.request('PUT', '/api/v1/me/password', { newPassword: PASSWORD })).status).toBe(204);
    const attempts = [
      { email: 'unknown@example.org', password: PASSWORD },
      { email, password: 'wrong password' },
    ];
    const answers = [];
    for (const attempt of attempts) answers.push(await (await api.client()).post('/api/v1/sessions/password', attempt));
    expect(answers[0]!.status).toBe(401);
    expect(answers[0]!.body).toEqual(answers[1]!.body);
    expect(answers.flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
    const signedIn = await (
      await api.client()
    ).post('/api/v1/sessions/password', { email: 'Known@Example.org ', password: PASSWORD });
    expect(signedIn.status).toBe(201);
  });

  it('credential stuffing: an account is throttled after ten attempts', async () => {
    const client = await api.client();
    const email = 'stuffed@example.org';
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) {
      statuses.push((await client.post('/api/v1/sessions/password', { email, password: `guess ${n}` })).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    const { headers, body } = await client.post('/api/v1/sessions/password', { email, password: 'x' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body).toMatchObject({ type: 'urn:teko:problem:throttled' });
  });

  it('OAuth flooding: sign-in is throttled before the redirect to the provider', async () => {
    const app = { GITHUB_OAUTH_CLIENT_ID: 'id', GITHUB_OAUTH_CLIENT_SECRET: 'secret' };
    const single = await ApiFixture.startForTest(app);
    const client = await single.client();
    const statuses: number[] = [];
    for (let n = 0; n < 32; n++) statuses.push((await client.get('/auth/github')).status);
    expect(statuses).toEqual([...Array<number>(30).fill(302), 429, 429]);
  });

  it('unreachable provider: the browser is redirected to the sign-in page', async () => {
    const app = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret', GOOGLE_ISSUER: 'http://127.0.0.1:1' };
    const single = await ApiFixture.startForTest(app);
    const { status, headers } = await (await single.client()).get('/auth/google');
    expect([status, headers.get('location')]).toEqual([302, '/#/login?refused=unavailable']);
  });

  it('password change: it requires the current password and ends other sessions', async () => {
    const row = await api.user({ roles: ['viewer'] });
    const [one, two] = [await api.clientOf(row), await api.clientOf(row)];
    const change = (input: object) => one.request('PUT', '/api/v1/me/password', input);
    expect((await change({ newPassword: 'short' })).body.errors).toHaveProperty('newPassword');
    expect((await change({ newPassword: PASSWORD })).status).toBe(204);
    expect((await two.get('/api/v1/me')).status).toBe(401);
    expect((await one.get('/api/v1/me')).body).toMatchObject({ user: { hasPassword: true } });
    expect((await change({ newPassword: `${PASSWORD}!` })).body.errors).toHaveProperty('currentPassword');
    expect((await change({ newPassword: `${PASSWORD}!`, currentPassword: PASSWORD })).status).toBe(204);
  });

  it('password sign-in can be disabled', async () => {
    const off = await ApiFixture.startForTest({ TEKO_PASSWORD_LOGIN: 'off' });
    const anonymous = await off.client();
    expect((await anonymous.get('/api/v1/sign-in-methods')).body).toEqual({ password: false, providers: [] });
    expect((await anonymous.post('/api/v1/sessions/password', { email: 'a@b.c', password: 'x' })).status).toBe(403);
  });
});
