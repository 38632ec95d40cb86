import { createVerify } from 'node:crypto';
import { DomainError, InvalidError, UnavailableError, type Repository } from '@teko/domain';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GithubConnection } from './connection';
import { fakeGithub, KEYS, type FakeResponse, type FakeGithub } from './fake-github.fixture';
import { GithubForge } from './forge';
import type { GithubSettings } from './settings';
import { GithubTracker } from './tracker';

const MINUTE = 60_000;
const LIMITED = { status: 403, body: { message: 'API rate limit exceeded' } };
const repository = { forgeName: 'octo/app' } as Repository;
const comment = {
  id: 7,
  user: { id: 1, login: 'ann', type: 'User' },
  body: 'hi',
  html_url: 'https://github.com/x',
  issue_url: 'https://api.github.com/repos/octo/app/issues/3',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};
const repositoryJson = (id: number, name: string, description: string | null = null) => ({
  id,
  full_name: name,
  clone_url: `https://github.com/${name}.git`,
  default_branch: 'main',
  archived: false,
  private: true,
  description,
});

let github: FakeGithub;
let now: number;
beforeEach(async () => {
  github = await fakeGithub();
  now = Date.now();
});
afterEach(() => {
  vi.restoreAllMocks();
  return github.close();
});

const connect = (settings: GithubSettings = { token: 'secret-token' }) =>
  new GithubConnection({ apiUrl: github.url, now: () => now, ...settings });
const tracker = (connection = connect()) => new GithubTracker(connection);
const write = (connection = connect()) => tracker(connection).comment(repository, 3, 'hi', null);
const COMMENTS = '/repos/octo/app/issues/3/comments';

/** Connects as an App that is installed on `octo/app`. Its tokens are numbered and expire after an hour. */
function connectAsApp(privateKey = KEYS.privateKey) {
  github.on('GET /repos/octo/app/installation', { body: { id: 5 } });
  github.on('POST /app/installations/5/access_tokens', () => {
    const created = github.count('POST', '/app/installations/5/access_tokens');
    const expires_at = new Date(now + 60 * MINUTE).toISOString();
    return { status: 201, body: { token: `token-${created}`, expires_at, permissions: {} } };
  });
  return connect({ appId: '12', privateKey });
}
const tokensSent = (path: string) =>
  github.requests.filter((one) => one.path.split('?')[0] === path).map(({ headers }) => headers.authorization);

describe('a GitHub App', () => {
  it.each([
    ['as GitHub provides it', KEYS.privateKey],
    ['with \\n for line breaks', KEYS.privateKey.replaceAll('\n', '\\n')],
    ['in base64', Buffer.from(KEYS.privateKey).toString('base64')],
  ])('signs with its key %s, and uses an installation token', async (_form, privateKey) => {
    github.on(`POST ${COMMENTS}`, { status: 201, body: comment });
    await write(connectAsApp(privateKey));
    const [scheme, jwt = ''] = tokensSent('/repos/octo/app/installation')[0]!.split(' ');
    const [head, body, signature] = jwt.split('.');
    const isValid = createVerify('sha256').update(`${head}.${body}`).verify(KEYS.publicKey, signature!, 'base64url');
    const { iss, iat, exp } = JSON.parse(Buffer.from(body!, 'base64url').toString());
    expect([scheme, isValid, iss, exp - iat <= 600]).toEqual(['bearer', true, '12', true]);
    expect(tokensSent(COMMENTS)).toEqual(['token token-1']);
    expect(github.requests.at(-1)!.headers['user-agent']).toMatch(/^teko /);
  });

  it('creates a new token before the old one expires, and finds the installation once', async () => {
    github.on(`POST ${COMMENTS}`, { status: 201, body: comment });
    const connection = connectAsApp();
    await Promise.all([write(connection), write(connection)]);
    now += 54 * MINUTE;
    await write(connection);
    now += 2 * MINUTE;
    await write(connection);
    expect(tokensSent(COMMENTS)).toEqual([1, 1, 1, 2].map((number) => `token token-${number}`));
    expect(github.count('GET', '/repos/octo/app/installation')).toBe(2);
  });

  it('creates a new token if the old one is rejected, and repeats even a POST request', async () => {
    const connection = connectAsApp();
    github.on(
      `POST ${COMMENTS}`,
      { status: 401, body: { message: 'Bad credentials' } },
      { status: 201, body: comment },
    );
    expect((await write(connection)).id).toBe('7');
    expect(tokensSent(COMMENTS)).toEqual(['token token-1', 'token token-2']);
    github.on(`POST ${COMMENTS}`, { status: 401, body: { message: 'Bad credentials' } });
    await expect(write(connection)).rejects.toMatchObject({
      service: 'forge',
      remedy: expect.stringContaining('GITHUB'),
    });
  });

  it('requests many repositories concurrently, each of which waits for its token first', async () => {
    const connection = connectAsApp();
    const names = Array.from({ length: 25 }, (_, i) => `octo/r${i}`);
    for (const name of names) github.on(`GET /repos/${name}/installation`, { body: { id: 5 } });
    const issues = names.map((forgeName) => tracker(connection).issue({ forgeName } as Repository, 1));
    expect(await Promise.all(issues)).toEqual(names.map(() => null));
    expect(github.count('POST', '/app/installations/5/access_tokens')).toBe(1);
  });

  it('finds its installation again after a repository was moved', async () => {
    const connection = connectAsApp();
    github.on(`POST ${COMMENTS}`, { status: 201, body: comment });
    await write(connection);
    now += 60 * MINUTE;
    github.on('POST /app/installations/5/access_tokens', { status: 404, body: { message: 'Not Found' } });
    github.on('GET /repos/octo/app/installation', { body: { id: 6 } });
    const expires_at = new Date(now + 60 * MINUTE).toISOString();
    github.on('POST /app/installations/6/access_tokens', { status: 201, body: { token: 'other', expires_at } });
    await write(connection);
    expect(tokensSent(COMMENTS).at(-1)).toBe('token other');
    github.on('GET /repos/octo/none/installation', { status: 404, body: { message: 'Not Found' } });
    const missing = tracker(connection).issue({ forgeName: 'octo/none' } as Repository, 1);
    await expect(missing).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('octo/none') });
  });
});

const timer = globalThis.setTimeout;

/** Divides the delay of matching timers by 50. */
function shortenTimers(isMatch: (ms: number) => boolean) {
  const sooner = (work: (...all: unknown[]) => void, ms = 0, ...rest: unknown[]) =>
    timer(() => work(...rest), isMatch(ms) ? ms / 50 : ms);
  return vi.spyOn(globalThis, 'setTimeout').mockImplementation(sooner as typeof setTimeout);
}
/** Shortens the delays before a retry, but not the timers of fetch itself or request timeouts. */
const shortenRetryDelays = () => shortenTimers((ms) => ms > 500 && ms < 15_000);

describe('retries', () => {
  beforeEach(() => void shortenRetryDelays());
  const success: FakeResponse = { body: [comment] };
  it.each<[string, FakeResponse]>([
    ['a server error', { status: 502, body: 'bad gateway' }],
    ['a dropped connection', { drop: 'before' }],
    ['a truncated response', { body: [comment], drop: 'middle' }],
  ])('GET and PATCH requests after %s, but never POST requests', async (_case, failing) => {
    github.on(`GET ${COMMENTS}`, failing, failing, success);
    github.on('GET /repos/octo/app/pulls/3/comments', { body: [] });
    expect(await tracker().comments(repository, 3)).toHaveLength(1);
    github.on('PATCH /repos/octo/app/issues/3', failing, { body: {} });
    await tracker().closeIssue(repository, 3);
    github.on(`POST ${COMMENTS}`, failing, { status: 201, body: comment });
    await expect(write()).rejects.toMatchObject({ service: 'forge' });
    expect([github.count('GET', COMMENTS), github.count('POST', COMMENTS)]).toEqual([3, 1]);
  });

  it('a limited number of times, and not after a timeout', async () => {
    github.on(`GET ${COMMENTS}`, { status: 500 });
    await expect(tracker().comments(repository, 3)).rejects.toThrow(UnavailableError);
    expect(github.count('GET', COMMENTS)).toBe(3);
    const timers = shortenTimers((ms) => ms === 15_000);
    github.on('GET /repos/octo/app/issues/3', { silent: true });
    await expect(tracker().issue(repository, 3)).rejects.toThrow('did not respond within 15 seconds');
    expect(timers).toHaveBeenCalledWith(expect.any(Function), 15_000);
    expect(github.count('GET', '/repos/octo/app/issues/3')).toBe(1);
  });
});

describe('a rate limit', () => {
  beforeEach(() => void shortenRetryDelays());
  const past = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) - 5) };
  it.each<[string, FakeResponse]>([
    ['has already ended', { ...LIMITED, headers: past }],
    ['ends in a second', { ...LIMITED, headers: { 'retry-after': '1' } }],
    ['has status 429', { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '1' } }],
  ])('that %s is waited for, without duplicates', async (_case, limited) => {
    github.on(`POST ${COMMENTS}`, limited, { status: 201, body: comment });
    expect((await write()).id).toBe('7');
    expect(github.count('POST', COMMENTS)).toBe(2);
  });

  it('that takes too long is an error with the time of its end', async () => {
    const reset = Math.floor(now / 1000) + 600;
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
    github.on('GET /repos/octo/app/issues/3', { ...LIMITED, headers });
    const error = await tracker()
      .issue(repository, 3)
      .catch((thrown: Error) => thrown);
    expect(error).toMatchObject({
      service: 'forge',
      message: expect.stringContaining(new Date(reset * 1000).toISOString()),
    });
    // A POST request must not arrive after its deadline.
    github.on(`POST ${COMMENTS}`, { ...LIMITED, headers: { 'retry-after': '16' } });
    await expect(write()).rejects.toThrow(new Date(now + 16_000).toISOString());
    expect([github.count('GET', '/repos/octo/app/issues/3'), github.count('POST', COMMENTS)]).toEqual([1, 1]);
  });
});

it('sends the ETag of the last response, and reuses that response on 304', async () => {
  github.on('GET /user/repos', { body: [] });
  const list = {
    total_count: 1,
    check_runs: [{ id: 1, name: 'ci', head_sha: 'a', status: 'completed', conclusion: 'success' }],
  };
  github.on('GET /repos/octo/app/commits/abc/check-runs', (request) =>
    request.headers['if-none-match'] === '"one"' ? { status: 304 } : { body: list, headers: { etag: '"one"' } },
  );
  const forge = new GithubForge(connect(), {} as never);
  const first = await forge.checkRuns(repository, 'abc');
  expect(first).toMatchObject([{ id: 'run:1', state: 'passed' }]);
  expect(await forge.checkRuns(repository, 'abc')).toEqual(first);
  expect(github.requests.filter(({ headers }) => headers['if-none-match'] === '"one"')).toHaveLength(1);
});

it('reports the error messages of GitHub, and never a secret', async () => {
  const errors = [{ resource: 'Issue', field: 'title', code: 'missing_field' }];
  github.on('PATCH /repos/octo/app/issues/3', { status: 422, body: { message: 'Validation Failed', errors } });
  await expect(tracker().closeIssue(repository, 3)).rejects.toThrow(InvalidError);
  await expect(tracker().closeIssue(repository, 3)).rejects.toThrow('Validation Failed; Issue title missing_field');
  github.on('PATCH /repos/octo/app/issues/3', { status: 403, body: { message: 'Resource not accessible' } });
  await expect(tracker().closeIssue(repository, 3)).rejects.toMatchObject({ code: 'forbidden' });
  for (const status of [401, 403, 404, 422, 500]) {
    github.on(`POST ${COMMENTS}`, { status, body: { message: 'no' } });
    const error = await write().catch((thrown: DomainError) => thrown);
    expect(error).toBeInstanceOf(DomainError);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret-token');
  }
});

it('names the settings to set in every call if they are missing or the key is invalid', async () => {
  const unset = connect({});
  const message = /GitHub is not connected. Set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY/;
  expect(unset.kind).toBeNull();
  for (const call of [() => unset.self(), () => unset.repositories({ page: 1, perPage: 5 }), () => write(unset)])
    await expect((async () => call())()).rejects.toThrow(message);
  await expect(write(connect({ appId: '1', privateKey: 'nonsense' }))).rejects.toThrow(/GITHUB_APP_PRIVATE_KEY/);
  expect(await unset.headerFor(`${github.url}/octo/app.git`)).toBeNull();
});

describe('git', () => {
  const basic = (token: string) => `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;

  it('gets the token only for URLs of the forge', async () => {
    const publicGithub = new GithubConnection({ token: 't' });
    expect(await publicGithub.headerFor('https://github.com/octo/app.git')).toBe(basic('t'));
    const others = [
      'http://github.com/a/b',
      'https://github.com.evil.example/a/b',
      'https://evil.example/github.com/b',
    ];
    for (const url of [...others, 'https://api.github.com/a/b', 'git@github.com:a/b.git', '/srv/a/b'])
      expect(await publicGithub.headerFor(url)).toBeNull();
    const enterprise = new GithubConnection({ token: 't', apiUrl: 'https://ghe.example/api/v3/' });
    expect(await enterprise.headerFor('https://ghe.example/octo/app')).toBe(basic('t'));
  });

  it('gets an installation token, and another one if that was rejected', async () => {
    const connection = connectAsApp();
    const url = `${github.url}/octo/app.git`;
    expect(await connection.headerFor(url)).toBe(basic('token-1'));
    expect(await connection.headerFor(url)).toBe(basic('token-1'));
    expect(await connection.headerFor(url, basic('token-1'))).toBe(basic('token-2'));
    expect(await connection.headerFor(`${github.url}/octo/public.git`)).toBeNull();
  });
});

describe('repositories', () => {
  it('are listed for all installations with sorting, paging, search and a cache of one minute', async () => {
    const connection = connectAsApp();
    github.on('GET /app/installations', {
      body: [{ id: 5 }, { id: 6 }, { id: 7, suspended_at: '2026-01-01T00:00:00Z' }],
    });
    const expires_at = new Date(now + 60 * MINUTE).toISOString();
    github.on('POST /app/installations/6/access_tokens', { status: 201, body: { token: 'other', expires_at } });
    const next = { link: `<${github.url}/installation/repositories?page=2>; rel="next"` };
    github.on('GET /installation/repositories', ({ path, headers }) => {
      if (headers.authorization === 'token other')
        return { body: { total_count: 1, repositories: [repositoryJson(3, 'acme/b', 'The Shop')] } };
      const second = path.includes('page=2');
      const repositories = [second ? repositoryJson(2, 'octo/a') : repositoryJson(1, 'octo/c')];
      return { body: { total_count: 2, repositories }, headers: second ? {} : next };
    });
    const all = await connection.repositories({ page: 1, perPage: 2 });
    expect([all.total, ...all.data.map(({ forgeName }) => forgeName)]).toEqual([3, 'acme/b', 'octo/a']);
    const found = await connection.repositories({ q: 'shop', page: 1, perPage: 9 });
    expect(found).toMatchObject({
      total: 1,
      data: [{ forgeId: '3', private: true, url: 'https://github.com/acme/b.git' }],
    });
    const requests = github.count('GET', '/installation/repositories');
    now += 2 * MINUTE;
    await connection.repositories({ page: 2, perPage: 2 });
    expect([requests, github.count('GET', '/installation/repositories')]).toEqual([3, 6]);
  });

  it('are found by name, current or earlier, or null if not visible', async () => {
    const connection = connectAsApp();
    github.on('GET /repos/octo/app', { status: 301, headers: { location: `${github.url}/repositories/9` } });
    github.on('GET /repositories/9', { body: repositoryJson(9, 'octo/renamed') });
    expect(await connection.repository('octo/app')).toMatchObject({ forgeId: '9', forgeName: 'octo/renamed' });
    expect(await connection.repository('octo/none')).toBeNull();
  });
});

it('returns its own user for an App with or without a bot account, and for a token', async () => {
  const connection = connectAsApp();
  github.on('GET /app', { body: { id: 12, slug: 'teko' } });
  github.on('GET /app/installations', { body: [{ id: 5 }] });
  expect(await connection.self()).toEqual({ id: 'app:12', login: 'teko[bot]', isBot: true });
  github.on('GET /users/teko%5Bbot%5D', { body: { id: 99, login: 'teko[bot]', type: 'Bot' } });
  expect(await connection.self()).toEqual({ id: '99', login: 'teko[bot]', isBot: true });
  github.on('GET /user', { body: { id: 3, login: 'machine', type: 'User' } });
  expect(await connect().self()).toEqual({ id: '3', login: 'machine', isBot: false });
});
