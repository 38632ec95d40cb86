import { afterAll, beforeAll, expect, it } from 'vitest';
import { aChange, aRepository, aRun, aTask } from '@teko/testing';
import { ApiFixture, type ApiClient } from './api.fixture';

let api: ApiFixture;
let maintainer: ApiClient;
beforeAll(async () => {
  api = await ApiFixture.start({ TEKO_URL: 'https://teko.example', GITHUB_TOKEN: 'github_pat_secret_of_the_token' });
  maintainer = await api.client('maintainer');
});
afterAll(() => api?.close());

interface Row {
  forgeName: string;
  repositoryId: string | null;
}
const importable = async (query = '') =>
  (await maintainer.get<{ data: Row[]; total: number }>(`/api/v1/connections/github/repositories?${query}`)).body;

it('lists the GitHub connection without secrets and diagnoses it', async () => {
  const { body } = await maintainer.get('/api/v1/connections');
  expect(body).toEqual({
    data: [
      {
        id: 'github',
        kind: 'token',
        login: 'teko-bot',
        apiUrl: 'https://api.github.com',
        webhookUrl: 'https://teko.example/webhooks/github',
        hasWebhookSecret: false,
      },
    ],
    total: 1,
  });
  const diagnoses = await maintainer.post('/api/v1/connections/github/diagnoses');
  expect([diagnoses.status, diagnoses.body]).toEqual([
    201,
    { data: [expect.objectContaining({ ok: false, remedy: 'Create a new token.' })], total: 1 },
  ]);
});

it('imports a repository once, with its settings', async () => {
  expect(await importable('q=shop')).toMatchObject({
    data: [{ forgeName: 'acme/shop', repositoryId: null }],
    total: 1,
  });
  const input = { forgeName: 'acme/shop', intakeLabel: 'for teko', planRule: 'always' };
  const { status, body } = await maintainer.post('/api/v1/repositories/imports', input);
  expect([status, body]).toEqual([201, expect.objectContaining({ forge: 'github', name: 'acme/shop', ...input })]);
  const again = await maintainer.post('/api/v1/repositories/imports', input);
  expect([again.status, again.body.repositoryId]).toEqual([409, body.id]);
  const { data } = await importable('perPage=2&page=1');
  expect(data.map(({ repositoryId }) => repositoryId)).toEqual([null, body.id]);
});

it.each([
  [{ forgeName: 'shop' }, 'forgeName'],
  [{ forgeName: '../../x' }, 'forgeName'],
  [{ forgeName: 'hidden/shop' }, 'forgeName'],
  [{ forgeName: 'acme/website', intakeLabel: 'one, two' }, 'intakeLabel'],
  [{ forgeName: 'acme/website', intakeLabel: '' }, 'intakeLabel'],
  [{ forgeName: 'acme/website', url: 'https://github.com/acme/website.git' }, 'url'],
])('rejects the import %j', async (input, field) => {
  const { status, body } = await maintainer.post('/api/v1/repositories/imports', input);
  expect([status, Object.keys(body.errors ?? {})]).toEqual([422, [field]]);
});

it('returns 409 when closing a change that is a pull request on the forge', async () => {
  const rows = api.repositories;
  const repository = aRepository({ forge: 'github', forgeId: '77' });
  await rows.RepositoryRepository.insert(repository);
  const task = await rows.TaskRepository.insert(aTask({ repositoryId: repository.id }));
  const run = await rows.RunRepository.insert(aRun({ repositoryId: repository.id, taskId: task.id }));
  const place = { repositoryId: repository.id, taskId: task.id, runId: run.id };
  const change = await rows.ChangeRepository.insert(aChange({ ...place, status: 'open', pullRequestNumber: 5 }));
  const answer = await maintainer.post<{ detail: string }>(`/api/v1/changes/${change.id}/close`);
  expect([answer.status, answer.body.detail]).toEqual([409, expect.stringContaining('pull request 5')]);
});
