import {
  aChange,
  aComment,
  aFinding,
  anApiToken,
  aRepository,
  aRepositoryGrant,
  aRole,
  aRun,
  aTask,
} from '@teko/testing';
import { hashOf } from '@teko/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ApiFixture, type ApiClient } from './api.fixture';

let api: ApiFixture;
let admin: ApiClient;
beforeAll(async () => {
  api = await ApiFixture.start();
  admin = await api.client('admin');
});
afterAll(() => api?.close());

async function insertRows(prefix: string) {
  const { repositories: rows } = api;
  const repository = aRepository({ name: `${prefix} repository` });
  await rows.RepositoryRepository.insert(repository);
  const repositoryId = repository.id;
  const task = await rows.TaskRepository.insert(aTask({ repositoryId, title: `${prefix} task` }));
  const taskId = task.id;
  const run = await rows.RunRepository.insert(aRun({ repositoryId, taskId, outcomeDetail: `${prefix} run` }));
  const change = await rows.ChangeRepository.insert(
    aChange({ repositoryId, taskId, runId: run.id, title: `${prefix} change` }),
  );
  await rows.FindingRepository.replaceForRun(run.id, [
    aFinding({ repositoryId, taskId, runId: run.id, changeId: change.id, title: `${prefix} finding` }),
  ]);
  await rows.CommentRepository.insert(aComment({ taskId, body: `${prefix} comment` }));
  return { repositoryId, taskId, runId: run.id, changeId: change.id };
}

describe('a user with one repository', () => {
  let mine: Awaited<ReturnType<typeof insertRows>>;
  let other: typeof mine;
  let user: ApiClient;
  beforeEach(async () => {
    [mine, other] = [await insertRows('mine'), await insertRows('secret')];
    const row = await api.user({ roles: [] });
    await api.repositories.RepositoryGrantRepository.insert(
      aRepositoryGrant({ userId: row.id, repositoryId: mine.repositoryId, role: 'maintainer' }),
    );
    user = await api.clientOf(row);
  });

  it.each(['repositories', 'tasks', 'comments', 'runs', 'changes', 'findings'])(
    'can list, search and filter only the %s of this repository',
    async (resource) => {
      const queries = ['', '?q=secret', `?repositoryId=${other.repositoryId}`, `?taskId=${other.taskId}`];
      for (const query of [...queries, `?runId=${other.runId}`]) {
        const { status, body } = await user.get<{ data: unknown[]; total: number }>(`/api/v1/${resource}${query}`);
        // 422 if the list does not support this filter or search.
        expect([200, 422]).toContain(status);
        expect(JSON.stringify(body.data ?? [])).not.toContain('secret');
        if (status === 200) expect(body.total).toBe(query === '' ? 1 : 0);
      }
    },
  );

  it('sees only the counts and runs of this repository on the dashboard', async () => {
    const { body } = await user.get('/api/v1/dashboard');
    expect(body).toMatchObject({ tasks: { new: 1 }, runs: { queued: 1 }, recentRuns: [{ id: mine.runId }] });
  });

  it('cannot create tasks in other repositories or create repositories', async () => {
    const task = { repositoryId: other.repositoryId, kind: 'implement', title: 'x' };
    expect((await user.post('/api/v1/tasks', task)).status).toBe(403);
    expect((await user.post('/api/v1/tasks', { ...task, repositoryId: mine.repositoryId })).status).toBe(201);
    const review = { ...task, repositoryId: mine.repositoryId, kind: 'review', changeId: other.changeId };
    expect((await user.post('/api/v1/tasks', review)).body.errors).toEqual({
      changeId: 'no such change in this repository',
    });
    expect((await user.post('/api/v1/repositories', { name: 'x', url: '/x' })).status).toBe(403);
    expect((await user.patch(`/api/v1/repositories/${mine.repositoryId}`, { name: 'renamed' })).status).toBe(200);
  });

  it('receives only events of this repository, and none after the grant was revoked', async () => {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const response = await fetch(`${api.url}/api/v1/events`, { headers: { cookie: user.cookie }, signal: stop.signal });
    const reader = response.body!.getReader();
    let text = '';
    const waitFor = async (part: string) => {
      while (!text.includes(part)) text += new TextDecoder().decode((await reader.read()).value);
    };
    await admin.post(`/api/v1/tasks/${other.taskId}/comments`, { body: 'secret event' });
    await admin.post(`/api/v1/tasks/${mine.taskId}/comments`, { body: 'mine event' });
    await waitFor('mine event');
    const { data } = (
      await admin.get<{ data: { id: string }[] }>(`/api/v1/repository-grants?repositoryId=${mine.repositoryId}`)
    ).body;
    await admin.delete(`/api/v1/repository-grants/${data[0]!.id}`);
    await admin.post(`/api/v1/tasks/${mine.taskId}/comments`, { body: 'later event' });
    await user.delete('/api/v1/sessions/current');
    await admin.post(`/api/v1/tasks/${mine.taskId}/comments`, { body: 'last event' });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    expect(text).not.toMatch(/secret event|later event|last event/);
  });
});

describe('roles', () => {
  it('applies the permissions of a custom role immediately', async () => {
    const { name, id } = (
      await admin.post<{ name: string; id: string }>('/api/v1/roles', { name: 'triage', permissions: ['read:Task'] })
    ).body;
    const client = await api.client(name);
    expect((await client.get('/api/v1/tasks')).status).toBe(200);
    expect((await client.get('/api/v1/runs')).status).toBe(403);
    await admin.patch(`/api/v1/roles/${id}`, { permissions: ['read:Task', 'read:Run'] });
    expect((await client.get('/api/v1/runs')).status).toBe(200);
    expect((await admin.delete(`/api/v1/roles/${id}`)).body.detail).toMatch(/in use by 1 users/);
  });

  it('does not let a user grant permissions they do not have', async () => {
    const role = aRole({
      permissions: ['read:User', 'create:User', 'update:User', 'create:Role', 'create:RepositoryGrant'],
    });
    await api.repositories.RoleRepository.insert(role);
    const row = await api.user({ roles: [role.name] });
    const client = await api.clientOf(row);
    expect((await client.patch(`/api/v1/users/${row.id}`, { roles: ['admin'] })).status).toBe(403);
    expect((await client.post('/api/v1/users', { name: 'x', roles: ['viewer'] })).status).toBe(403);
    expect((await client.post('/api/v1/roles', { name: 'more', permissions: ['manage:all'] })).status).toBe(403);
    const grant = { userId: row.id, repositoryId: (await insertRows('grant')).repositoryId, role: 'admin' };
    expect((await client.post('/api/v1/repository-grants', grant)).status).toBe(403);
    const granted = await api.user({ roles: [] });
    await api.repositories.RepositoryGrantRepository.insert(
      aRepositoryGrant({ userId: granted.id, repositoryId: grant.repositoryId, role: 'maintainer' }),
    );
    expect((await client.post(`/api/v1/users/${granted.id}/sign-in-links`)).status).toBe(403);
    expect((await client.patch(`/api/v1/users/${granted.id}`, { email: 'mine@example.org' })).status).toBe(403);
    const boss = await api.user({ roles: ['admin'] });
    expect((await client.post(`/api/v1/users/${boss.id}/sign-in-links`)).status).toBe(403);
    expect((await client.patch(`/api/v1/users/${boss.id}`, { disabled: true })).status).toBe(403);
  });

  it('ends all sessions of a user when their roles change or they are disabled', async () => {
    const row = await api.user({ roles: ['developer'] });
    for (const patch of [{ roles: ['viewer'] }, { disabled: true }]) {
      const client = await api.clientOf(row);
      expect((await client.get('/api/v1/me')).status).toBe(200);
      expect((await admin.patch(`/api/v1/users/${row.id}`, patch)).status).toBe(200);
      expect((await client.get('/api/v1/me')).status).toBe(401);
    }
  });

  it('fails at start if the sign-up role does not exist', async () => {
    const start = ApiFixture.start({ TEKO_SIGN_UP_ROLE: 'vewer' });
    await expect(start).rejects.toThrow('TEKO_SIGN_UP_ROLE: there is no role vewer');
  });

  it('keeps the last admin and the built-in roles', async () => {
    const single = await ApiFixture.start();
    onTestFinished(() => single.close());
    const row = await single.user({ roles: ['admin'] });
    const only = await single.clientOf(row);
    expect((await only.patch(`/api/v1/users/${row.id}`, { roles: ['viewer'] })).body.detail).toMatch(/only admin/);
    expect((await only.patch(`/api/v1/users/${row.id}`, { disabled: true })).status).toBe(409);
    const { data } = (await only.get<{ data: { id: string; name: string }[] }>('/api/v1/roles')).body;
    expect(data.map(({ name }) => name)).toEqual(['admin', 'developer', 'maintainer', 'viewer']);
    expect((await only.patch(`/api/v1/roles/${data[3]!.id}`, { permissions: [] })).status).toBe(409);
  });
});

describe('API tokens', () => {
  const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();

  it('are shown once, work without cookie and CSRF token, and are rejected once revoked', async () => {
    const row = await api.user({ roles: ['developer'] });
    const owner = await api.clientOf(row);
    const input = { name: 'ci', scopes: ['read:Task'], expiresAt: tomorrow() };
    const { body } = await owner.post<{ id: string; secret: string }>('/api/v1/api-tokens', input);
    expect(body.secret).toMatch(/^teko_[\w-]{43}$/);
    const bot = await api.client();
    bot.bearer = body.secret;
    expect((await bot.get('/api/v1/tasks')).status).toBe(200);
    expect((await bot.get('/api/v1/runs')).status).toBe(403);
    expect((await bot.post('/api/v1/api-tokens', input)).status).toBe(403);
    const { data } = (await owner.get<{ data: Record<string, unknown>[] }>('/api/v1/api-tokens')).body;
    expect(data).toMatchObject([
      { name: 'ci', prefix: body.secret.slice(0, 10), lastUsedAt: expect.any(String) as string },
    ]);
    expect(JSON.stringify(data)).not.toContain(body.secret);
    const stranger = await api.client('admin');
    expect((await stranger.delete(`/api/v1/api-tokens/${body.id}`)).status).toBe(404);
    await owner.delete(`/api/v1/api-tokens/${body.id}`);
    expect((await bot.get('/api/v1/tasks')).status).toBe(401);
  });

  it('lose the permissions that their user loses, and expire', async () => {
    const row = await api.user({ roles: ['developer'] });
    const { token, bearer } = tokenOf(row.id, ['read:Task', 'update:Task']);
    await api.repositories.ApiTokenRepository.insert(token);
    const bot = await api.client();
    bot.bearer = bearer;
    const { taskId } = await insertRows('token');
    expect((await bot.patch(`/api/v1/tasks/${taskId}`, { title: 'By token' })).status).toBe(200);
    await admin.patch(`/api/v1/users/${row.id}`, { roles: ['viewer'] });
    expect((await bot.patch(`/api/v1/tasks/${taskId}`, { title: 'Again' })).status).toBe(403);
    await admin.patch(`/api/v1/users/${row.id}`, { disabled: true });
    expect((await bot.get('/api/v1/tasks')).status).toBe(401);
    const old = tokenOf((await api.user()).id, ['read:Task'], -1);
    await api.repositories.ApiTokenRepository.insert(old.token);
    bot.bearer = old.bearer;
    expect((await bot.get('/api/v1/tasks')).status).toBe(401);
  });

  it('cannot have more permissions than their user or a lifetime over one year', async () => {
    const viewer = await api.client('viewer');
    const input = { name: 'x', scopes: ['manage:all'], expiresAt: tomorrow() };
    expect((await viewer.post('/api/v1/api-tokens', input)).body.errors).toHaveProperty('scopes');
    const long = { ...input, scopes: ['read:Task'], expiresAt: '2099-01-01T00:00:00Z' };
    expect((await viewer.post('/api/v1/api-tokens', long)).body.errors).toHaveProperty('expiresAt');
  });

  function tokenOf(userId: string, scopes: ('read:Task' | 'update:Task')[], minutes = 1) {
    const bearer = `teko_${userId}`;
    const expiresAt = new Date(Date.now() + minutes * 60_000);
    return { bearer, token: anApiToken({ userId, scopes, tokenHash: hashOf(bearer), expiresAt }) };
  }
});

describe('audit log', () => {
  interface Entry {
    id: number;
    action: string;
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
  }
  const entriesOf = async (query: string) =>
    (await admin.get<{ data: Entry[] }>(`/api/v1/audit-log-entries?sort=id&order=ASC&perPage=200&${query}`)).body.data;

  it('records every change with actor and the row before and after', async () => {
    const row = await api.user({ name: 'Grace', roles: ['maintainer'] });
    const client = await api.clientOf(row);
    const { repositoryId } = await insertRows('audited');
    const input = { repositoryId, kind: 'implement', title: 'audited task' };
    const { id: taskId } = (await client.post<{ id: string }>('/api/v1/tasks', input)).body;
    await client.patch(`/api/v1/tasks/${taskId}`, { title: 'Other title' });
    await client.post(`/api/v1/tasks/${taskId}/comments`, { body: 'a comment' });
    await client.delete(`/api/v1/tasks/${taskId}`);
    expect(await entriesOf(`actorId=${row.id}`)).toMatchObject([
      { action: 'tasks.create', before: null, after: { id: taskId } },
      {
        action: 'tasks.update',
        actorName: 'Grace',
        repositoryId,
        subjectType: 'Task',
        subjectId: taskId,
        before: { title: 'audited task' },
        after: { title: 'Other title' },
        address: expect.stringMatching(/127\.0\.0\.1/) as string,
      },
      { action: 'tasks.comment', after: { body: 'a comment' } },
      { action: 'tasks.remove', before: { title: 'Other title' }, after: null },
    ]);
  });

  it('records successful and refused sign-ins, and no secrets', async () => {
    const token = await api.signInToken('viewer');
    const client = await api.client();
    await client.signIn(token);
    await client.signIn(token);
    await client.post('/api/v1/sessions/password', { email: 'x@example.org', password: 'my-secret-password' });
    const { body } = await admin.post<{ secret: string }>('/api/v1/api-tokens', {
      name: 'audited',
      scopes: ['read:Task'],
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    });
    const text = JSON.stringify(await entriesOf(''));
    expect(text).toContain('sessions.create');
    expect(text).toContain('sessions.refuse');
    expect(text).toContain('"name":"audited"');
    for (const secret of [token, body.secret, 'my-secret-password', client.csrf]) {
      if (secret) expect(text).not.toContain(secret);
    }
  });

  it('can be exported and verified', async () => {
    await (await api.client()).signIn('no such token');
    const { body } = await admin.get<string>('/api/v1/audit-log-entries/export');
    const lines = body.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Entry).id)).toEqual(lines.map((_, n) => n + 1));
    expect((await admin.get('/api/v1/audit-log-entries/verification')).body).toEqual({
      entries: lines.length,
      broken: null,
    });
  });
});
