import type { Task } from '@teko/domain';
import { aComment, aCommentLink, aRepository, aRun, aTask } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ApiFixture, type ApiClient } from './api.fixture';

let api: ApiFixture;
let admin: ApiClient;
beforeAll(async () => {
  api = await ApiFixture.start();
  admin = await api.client('admin');
});
afterAll(() => api?.close());

async function storedTask(overrides: Partial<Task> = {}) {
  const repository = aRepository();
  await api.repositories.RepositoryRepository.insert(repository);
  return api.repositories.TaskRepository.insert(aTask({ repositoryId: repository.id, ...overrides }));
}

async function newTask(input: Record<string, unknown> = {}) {
  const { repositoryId } = await storedTask();
  return admin.post('/api/v1/tasks', { repositoryId, kind: 'implement', title: 'Count weeks', ...input });
}

describe('sessions', () => {
  it('accepts a sign-in link only once', async () => {
    const token = await api.signInToken('viewer');
    const [first, second] = [await (await api.client()).signIn(token), await (await api.client()).signIn(token)];
    expect([first.status, second.status]).toEqual([201, 401]);
    expect(first.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax/);
  });

  it('ends the session and its event streams at sign-out', async () => {
    const viewer = await api.client('viewer');
    const events = await fetch(`${api.url}/api/v1/events`, { headers: { cookie: viewer.cookie } });
    expect((await viewer.delete('/api/v1/sessions/current')).status).toBe(204);
    expect((await viewer.get('/api/v1/me')).status).toBe(401);
    const { id } = await storedTask();
    await admin.post(`/api/v1/tasks/${id}/comments`, { body: 'not for them' });
    expect(await events.text()).not.toContain('not for them');
  });
});

describe('access', () => {
  it('rejects anonymous requests and requests without permission', async () => {
    const viewer = await api.client('viewer');
    expect((await (await api.client()).get('/api/v1/tasks')).status).toBe(401);
    expect((await viewer.get('/api/v1/tasks')).status).toBe(200);
    expect((await viewer.get('/api/v1/settings')).body).toMatchObject({
      status: 403,
      type: 'urn:teko:problem:forbidden',
    });
    const { id } = await storedTask();
    expect((await viewer.post(`/api/v1/tasks/${id}/cancel`)).status).toBe(403);
  });

  it('requires the CSRF token of the session for changes', async () => {
    const other = await api.client('admin');
    for (const token of [undefined, 'wrong', other.csrf]) {
      const { status } = await admin.request('DELETE', '/api/v1/demo', undefined, { 'x-csrf-token': token });
      expect(status).toBe(403);
    }
  });
});

describe('input', () => {
  it('returns an error for every invalid or unknown field', async () => {
    const { status, headers, body } = await newTask({ title: ' ', kind: 'dance' });
    expect(status).toBe(422);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(Object.keys(body.errors as object).sort()).toEqual(['kind', 'title']);
    expect((await newTask({ roles: ['admin'] })).body.errors).toEqual({ roles: 'is not a known field' });
    expect((await newTask({ repositoryId: 'nowhere' })).body.errors).toEqual({ repositoryId: 'no such repository' });
  });

  it('returns a problem without a stack trace for invalid JSON, large bodies and unknown routes', async () => {
    const broken = await admin.request('POST', '/api/v1/tasks', '{"title":');
    const large = await admin.request('POST', '/api/v1/tasks', { title: 'x'.repeat(1_100_000) });
    const unknown = await admin.get('/api/v1/nothing');
    expect([broken.status, large.status, unknown.status]).toEqual([400, 413, 404]);
    for (const { body } of [broken, large, unknown]) {
      expect(body).toMatchObject({ detail: expect.any(String) as string, title: expect.any(String) as string });
      expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts:/);
    }
  });

  it.each([
    ['page=0', 'page'],
    ['perPage=5000', 'perPage'],
    ['sort=secret', 'sort'],
    ['status=dancing', 'status'],
    ['colour=red', 'colour'],
  ])('rejects the list parameter %s', async (query, field) => {
    const { status, body } = await admin.get(`/api/v1/tasks?${query}`);
    expect(status).toBe(422);
    expect(body.errors).toHaveProperty(field);
  });
});

describe('tasks', () => {
  it('are paged, sorted, filtered and searched', async () => {
    const { repositoryId } = await storedTask();
    for (const title of ['alpha', 'beta', 'gamma'])
      await admin.post('/api/v1/tasks', { repositoryId, kind: 'implement', title: `${title} listed` });
    const path = `/api/v1/tasks?repositoryId=${repositoryId}&q=listed&sort=title&order=DESC&perPage=2`;
    const page = (n: number) => admin.get<{ data: { title: string }[]; total: number }>(`${path}&page=${n}`);
    expect((await page(1)).body).toMatchObject({
      data: [{ title: 'gamma listed' }, { title: 'beta listed' }],
      total: 3,
    });
    expect((await page(2)).body).toMatchObject({ data: [{ title: 'alpha listed' }], total: 3 });
    expect((await admin.get(`${path}&status=done&status=failed`)).body).toEqual({ data: [], total: 0 });
  });

  it('are created once per source key, also by concurrent requests', async () => {
    const { repositoryId } = await storedTask();
    const task = { repositoryId, kind: 'implement', title: 'Once', sourceKey: 'tracker:T-1' };
    const answers = await Promise.all([1, 2, 3].map(() => admin.post('/api/v1/tasks', task)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const created = answers.find(({ status }) => status === 201)!;
    expect(created.body).toMatchObject({ source: 'api', status: 'new' });
    expect((await admin.post('/api/v1/tasks', task)).body.taskId).toBe(created.body.id);
  });

  it('cannot be updated or deleted while a run is active', async () => {
    const task = await storedTask({ status: 'running' });
    await api.repositories.RunRepository.insert(
      aRun({ taskId: task.id, repositoryId: task.repositoryId, status: 'running' }),
    );
    const path = `/api/v1/tasks/${task.id}`;
    expect((await admin.patch(path, { title: 'Other' })).status).toBe(409);
    expect((await admin.delete(path)).body.detail).toMatch(/cancel it first/);
    expect((await admin.get(path)).body.title).toBe(task.title);
  });

  it('cannot be blocked by tasks once a run is queued, or by tasks of another repository', async () => {
    const { RepositoryRepository, TaskRepository, RunRepository } = api.repositories;
    const [mine, other] = [aRepository(), aRepository()];
    for (const repository of [mine, other]) await RepositoryRepository.insert(repository);
    const task = (repositoryId: string) => TaskRepository.insert(aTask({ repositoryId }));
    const [first, second, foreign] = [await task(mine.id), await task(mine.id), await task(other.id)];
    const wait = (ids: string[]) => admin.patch(`/api/v1/tasks/${second.id}`, { blockedBy: ids });
    expect(await wait([foreign.id])).toMatchObject({
      status: 422,
      body: { errors: { blockedBy: expect.stringMatching(/does not have/) } },
    });
    expect(await wait([first.id])).toMatchObject({ status: 200, body: { blockedBy: [first.id] } });
    await RunRepository.insert(aRun({ repositoryId: mine.id, taskId: second.id }));
    expect((await wait([first.id])).status, 'an unchanged value is accepted').toBe(200);
    expect((await wait([])).body).toMatchObject({ blockedBy: null });
    expect(await wait([first.id])).toMatchObject({
      status: 422,
      body: { errors: { blockedBy: expect.stringMatching(/cancel it first/) } },
    });
  });

  it('can be cancelled once before a run starts', async () => {
    const { body } = await newTask();
    const cancel = () => admin.post(`/api/v1/tasks/${String(body.id)}/cancel`);
    expect((await cancel()).body).toMatchObject({ status: 'cancelled' });
    expect((await cancel()).status).toBe(409);
  });

  it('have comments that only their author in Teko can update and delete', async () => {
    const { id, repositoryId } = await storedTask();
    const author = await api.user({ roles: ['developer'] });
    const client = await api.clientOf(author);
    const { body } = await client.post(`/api/v1/tasks/${id}/comments`, { body: 'first' });
    const path = `/api/v1/comments/${String(body.id)}`;
    expect(body).toMatchObject({ authorId: author.id, fromForge: false, url: null });
    expect((await admin.patch(path, { body: 'not mine' })).status).toBe(403);
    expect((await admin.delete(path)).status).toBe(403);
    expect((await client.patch(path, { body: ' ' })).body.errors).toHaveProperty('body');
    expect((await client.patch(path, { body: 'second' })).body).toMatchObject({ body: 'second', deletedAt: null });
    const deleted = await client.delete(path);
    expect([deleted.status, deleted.body]).toEqual([
      200,
      expect.objectContaining({ body: '', deletedAt: expect.any(String) as string }),
    ]);
    // A comment from the forge can only be changed there, even if its author is a user of Teko.
    const comment = aComment({ taskId: id, authorId: author.id });
    const link = { commentId: comment.id, taskId: id, repositoryId, origin: 'external', externalId: '7' } as const;
    const url = 'https://github.com/acme/billing/issues/41#issuecomment-7';
    await api.repositories.CommentLinkRepository.insertWithComment(comment, aCommentLink({ ...link, url }));
    expect((await client.patch(`/api/v1/comments/${comment.id}`, { body: 'no' })).status).toBe(403);
    const { data } = (await client.get<{ data: object[] }>(`/api/v1/comments?taskId=${id}`)).body;
    expect(data).toContainEqual(expect.objectContaining({ id: comment.id, fromForge: true, url }));
  });

  it('list comments in order and reject empty ones', async () => {
    const { id } = await storedTask();
    const path = `/api/v1/tasks/${id}/comments`;
    expect((await admin.post(path, { body: '  ' })).body.errors).toEqual({ body: 'must not be empty' });
    for (const text of ['first', 'second']) await admin.post(path, { body: text });
    const { body } = await admin.get<{ data: { body: string }[] }>(path);
    expect(body.data.map((comment) => comment.body)).toEqual(['first', 'second']);
  });
});

describe('live events', () => {
  /** Reads the stream until it has sent `count` messages with data. */
  async function read(path: string, count: number, headers: Record<string, string> = {}) {
    const stop = new AbortController();
    const response = await fetch(api.url + path, {
      headers: { cookie: admin.cookie, ...headers },
      signal: stop.signal,
    });
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.split('\ndata: ').length > count) break;
    }
    stop.abort();
    return [...text.matchAll(/(?:id: (\d+)\n)?event: (\w+)\ndata: (.*)\n/g)].map(([, id, type, data]) => ({
      id: Number(id),
      type,
      row: (JSON.parse(data!) as { row: Record<string, unknown> }).row,
    }));
  }

  it('resume after a disconnect without missing events', async () => {
    const latest = await api.repositories.EventRepository.latestId();
    const { id } = await storedTask();
    await admin.post(`/api/v1/tasks/${id}/comments`, { body: 'one' });
    const [one] = await read('/api/v1/events', 1, { 'last-event-id': String(latest) });
    expect(one).toMatchObject({ type: 'comment', row: { body: 'one' } });
    await admin.post(`/api/v1/tasks/${id}/comments`, { body: 'two' });
    const [two] = await read('/api/v1/events', 1, { 'last-event-id': String(one!.id) });
    expect(two).toMatchObject({ row: { body: 'two' } });
  });

  it('start with the current event id, so that a client that disconnects early misses nothing', async () => {
    const latest = await api.repositories.EventRepository.latestId();
    const stop = new AbortController();
    const response = await fetch(`${api.url}/api/v1/events`, {
      headers: { cookie: admin.cookie },
      signal: stop.signal,
    });
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (/^id: \d+\n\n/m.test(text)) break;
    }
    stop.abort();
    expect(text).toContain(`\nid: ${latest}\n\n`);
  });

  it('of a run start with the current run', async () => {
    const task = await storedTask();
    const run = await api.repositories.RunRepository.insert(aRun({ taskId: task.id, repositoryId: task.repositoryId }));
    const [first] = await read(`/api/v1/runs/${run.id}/events`, 1);
    expect(first).toMatchObject({ type: 'run', row: { id: run.id, status: run.status } });
    expect((await admin.get('/api/v1/runs/unknown/events')).status).toBe(404);
  });
});

it('reports which dependency is down', async () => {
  onTestFinished(() => void (api.memory.checkError = null));
  const anonymous = await api.client();
  expect((await anonymous.get('/healthz')).body).toEqual({ status: 'ok' });
  const ready = { status: 'ok', dependencies: { database: 'up', queue: 'up', chroma: 'up' } };
  expect((await anonymous.get('/readyz')).body).toEqual(ready);
  api.memory.checkError = new Error('no answer');
  const withoutChroma = { ...ready, dependencies: { ...ready.dependencies, chroma: 'down' } };
  expect(await anonymous.get('/readyz')).toMatchObject({ status: 200, body: withoutChroma });
  expect((await anonymous.get('/metrics')).body).toContain('teko_dependency_up{dependency="chroma"} 0');
  api.memory.checkError = null;
  await storedTask();
  expect((await anonymous.get('/metrics')).body).toMatch(/teko_tasks\{status="new"\} \d+/);
});
