import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aRepository, aRepositoryGrant, aRole, aTask } from '@teko/testing';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ApiFixture, type ApiClient } from './api.fixture';

let api: ApiFixture;
let admin: ApiClient;
beforeAll(async () => {
  api = await ApiFixture.start();
  admin = await api.client('admin');
});
afterAll(() => api?.close());

async function repository(): Promise<string> {
  const row = aRepository();
  await api.repositories.RepositoryRepository.insert(row);
  return row.id;
}

const create = (client: ApiClient, repositoryId: string, sourceKey: unknown) =>
  client.post('/api/v1/tasks', { repositoryId, kind: 'implement', title: 'Count weeks', sourceKey });

it.each([
  'github:12#5',
  'GitHub:12#5',
  ' github:12#5',
  'github :12#5',
  'github-enterprise:12#5',
  'github/acme:5',
  'ｇｉｔｈｕｂ:12#5',
  'github：12#5',
  'jira:PAY-1',
  'JIRA_acme:PAY-1',
  'form:1',
  'demo:1',
  'slack:C1',
  'telegram:1',
  'smtp:1',
  'local:1',
  'teko:1',
  'Teko.io:1',
  'gith\u200bub:12#5',
  '\u202egithub:12#5',
  'tracker:T\u00001',
  '   ',
])('the source key %j is refused', async (key) => {
  const { status, body } = await create(admin, await repository(), key);
  expect([status, body.errors]).toEqual([422, { sourceKey: expect.any(String) as string }]);
});

it.each(['tracker:T-1', 'T-1', 'github', 'githubby:1', 'my-github:1', 'form 12', 'linear:github:5', null])(
  'the source key %j is accepted',
  async (key) => expect((await create(admin, await repository(), key)).status).toBe(201),
);

it('a key is unique in its repository only, and a conflict names no task of another repository', async () => {
  const [one, other] = [await repository(), await repository()];
  await api.repositories.TaskRepository.insert(aTask({ repositoryId: other, sourceKey: 'tracker:T-1' }));
  const first = await create(admin, one, 'tracker:T-1');
  const second = await create(admin, one, ' tracker:T-1 ');
  expect([first.status, second.status, second.body.taskId]).toEqual([201, 409, first.body.id]);
});

it('a conflict does not name a repository that the caller cannot read', async () => {
  const source = mkdtempSync(join(tmpdir(), 'teko-source-'));
  onTestFinished(() => rmSync(source, { recursive: true }));
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', source]);
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  execFileSync('git', ['-C', source, ...author, 'commit', '--quiet', '--allow-empty', '--message', 'First']);
  const role = aRole({ permissions: ['create:Repository'] });
  await api.repositories.RoleRepository.insert(role);
  const creator = await api.client(role.name);
  const add = (client: ApiClient) => client.post('/api/v1/repositories', { name: 'secret-name', url: source });
  expect((await add(admin)).status).toBe(201);
  expect((await add(admin)).body).toMatchObject({ status: 409, repositoryId: expect.any(String) as string });
  const { status, body } = await add(creator);
  expect([status, JSON.stringify(body)]).toEqual([409, expect.not.stringMatching(/secret-name|repositoryId/)]);
});

it('a conflict does not name a task that the caller cannot read', async () => {
  const repositoryId = await repository();
  const role = aRole({ permissions: ['create:Task'] });
  await api.repositories.RoleRepository.insert(role);
  const user = await api.user({ roles: [] });
  await api.repositories.RepositoryGrantRepository.insert(
    aRepositoryGrant({ userId: user.id, repositoryId, role: role.name }),
  );
  const hidden = await create(admin, repositoryId, 'tracker:T-1');
  const { status, body } = await create(await api.clientOf(user), repositoryId, 'tracker:T-1');
  expect(status).toBe(409);
  expect(JSON.stringify(body)).not.toContain(String(hidden.body.id));
  expect(body).not.toHaveProperty('taskId');
});
