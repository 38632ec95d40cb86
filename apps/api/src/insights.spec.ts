import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitMirrors, type Insight, type Repository } from '@teko/domain';
import { Insights } from '@teko/platform';
import { aChange, aFinding, anInsight, aRepository, aRepositoryGrant, aRun, aTask, BUILT_AT } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient, ApiFixture } from './api.fixture';

type Page = { data: Insight[]; total: number };
type ProblemResponse = { status: number; body: { errors: Record<string, string> } };

let api: ApiFixture;
let folder: string;
let repository: Repository;
let maintainer: ApiClient;

beforeAll(async () => {
  api = await ApiFixture.start();
  folder = mkdtempSync(join(tmpdir(), 'teko-insights-'));
  git('init', '--quiet', '--initial-branch=main');
  repository = aRepository({ url: folder });
  await api.repositories.RepositoryRepository.insert(repository);
  await commit('one');
  maintainer = await api.client('maintainer');
});
afterAll(async () => {
  await api?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

function git(...args: string[]): void {
  execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
}

/** Commits this text to the only file of the repository and syncs it as a worker does. */
async function commit(text: string): Promise<void> {
  writeFileSync(join(folder, 'a.ts'), text);
  git('add', '-A');
  git('commit', '--quiet', '--message', text);
  const { headCommit } = await api.app.get<GitMirrors>(GitMirrors, { strict: false }).sync(repository);
  await api.repositories.RepositoryRepository.update(repository.id, { headCommit });
}

const stored = async (overrides: Partial<Insight> = {}) => {
  const insight = anInsight({ repositoryId: repository.id, ...overrides });
  await api.repositories.InsightRepository.insert(insight);
  return insight;
};
const listIds = async (query = '', client = maintainer) => {
  const { status, body } = await client.get<Page>(`/api/v1/insights?${query}`);
  expect(status).toBe(200);
  return body.data.map(({ id }) => id);
};

describe('insights', () => {
  it('of users refer to the current version of the file and become stale once it changes', async () => {
    const input = { repositoryId: repository.id, kind: 'convention', text: 'Uses\ntabs.', path: 'a.ts' };
    const { status, body } = await maintainer.post<Insight>('/api/v1/insights', input);
    expect(status).toBe(201);
    expect(body).toMatchObject({ text: 'Uses tabs.', path: 'a.ts', source: 'user', staleAt: null, pinned: false });
    expect(body.blob).toBe(execFileSync('git', ['-C', folder, 'rev-parse', 'HEAD:a.ts']).toString().trim());
    expect(body).not.toHaveProperty('fingerprint');

    await commit('two');
    expect(await listIds(`repositoryId=${repository.id}&stale=true`)).toEqual([body.id]);
    expect((await maintainer.get<Insight>(`/api/v1/insights/${body.id}`)).body.staleAt).not.toBeNull();
    const pin = await maintainer.patch<Insight>(`/api/v1/insights/${body.id}`, { pinned: true });
    expect(pin.body).toMatchObject({ pinned: true, staleAt: null, text: 'Uses tabs.' });
    await commit('one');
    const unpinned = await maintainer.patch<Insight>(`/api/v1/insights/${body.id}`, { pinned: false });
    expect(unpinned.body).toMatchObject({ pinned: false });
    expect(await listIds('stale=true')).toEqual([]);
    expect((await maintainer.delete(`/api/v1/insights/${body.id}`)).status).toBe(204);
  });

  it('are validated by field', async () => {
    const valid = { repositoryId: repository.id, kind: 'build', text: 'Run make.' };
    const errorsOf = async (body: object) => {
      const { status, body: problem } = (await maintainer.post('/api/v1/insights', body)) as unknown as ProblemResponse;
      expect(status).toBe(422);
      return problem.errors;
    };
    expect(await errorsOf({ ...valid, kind: 'x', text: 5 })).toEqual({
      kind: expect.stringContaining('must be one of build'),
      text: expect.stringContaining('text of at most 500'),
    });
    expect(await errorsOf({ ...valid, text: ' \u200b ' })).toEqual({ text: expect.stringContaining('at least 3') });
    expect(await errorsOf({ ...valid, path: 'b.ts' })).toEqual({
      path: expect.stringMatching(/^does not exist in commit/),
    });
    expect(await errorsOf({ ...valid, repositoryId: 'x' })).toEqual({ repositoryId: 'no such repository' });
    expect(await errorsOf({ ...valid, pinned: true, source: 'agent' })).toEqual({
      pinned: 'is not a known field',
      source: 'is not a known field',
    });
    const { id } = await stored();
    const patch = await maintainer.patch(`/api/v1/insights/${id}`, { text: null, kind: null, pinned: null });
    expect(patch.status).toBe(422);
    expect(Object.keys(patch.body.errors as object).sort()).toEqual(['kind', 'pinned', 'text']);
  });

  it('are purged by source, which is recorded in the audit log', async () => {
    const bad = [await stored({ sourceId: 'run-bad' }), await stored({ sourceId: 'run-bad', pinned: true })];
    const good = await stored({ sourceId: 'run-good' });
    const source = { repositoryId: repository.id, source: 'agent', sourceId: 'run-bad' };
    const { status, body } = await maintainer.post('/api/v1/insights/purge', source);
    expect({ status, body }).toEqual({ status: 200, body: { ...source, purged: 2 } });
    const remaining = await listIds(`repositoryId=${repository.id}`);
    expect(remaining).toContain(good.id);
    for (const { id } of bad) expect(remaining).not.toContain(id);
    const audit = await (
      await api.client('admin')
    ).get<{ data: { after: { sourceId?: string } }[] }>('/api/v1/audit-log-entries?action=insights.purge');
    // Another test purges insights without a run.
    const entries = audit.body.data.filter(({ after }) => after.sourceId === 'run-bad');
    expect(entries).toMatchObject([{ repositoryId: repository.id, after: { sourceId: 'run-bad', purged: 2 } }]);
    expect((await maintainer.post('/api/v1/insights/purge', { repositoryId: repository.id })).status).toBe(422);
    const emptySource = await maintainer.post('/api/v1/insights/purge', { ...source, sourceId: '' });
    expect(emptySource.body.errors).toEqual({ sourceId: expect.stringContaining('omit it') });
  });

  it('of other repositories cannot be read, changed or purged', async () => {
    const other = aRepository();
    await api.repositories.RepositoryRepository.insert(other);
    const [mine, theirs] = [await stored(), await stored({ repositoryId: other.id })];
    const user = await api.user({ roles: [] });
    const grant = aRepositoryGrant({ userId: user.id, repositoryId: repository.id, role: 'maintainer' });
    await api.repositories.RepositoryGrantRepository.insert(grant);
    const client = await api.clientOf(user);
    expect(await listIds('', client)).toContain(mine.id);
    expect(await listIds('', client)).not.toContain(theirs.id);
    expect(await listIds(`repositoryId=${other.id}`, client)).toEqual([]);
    expect((await client.get(`/api/v1/insights/${theirs.id}`)).status).toBe(404);
    expect((await client.patch(`/api/v1/insights/${theirs.id}`, { pinned: true })).status).toBe(404);
    expect((await client.delete(`/api/v1/insights/${theirs.id}`)).status).toBe(404);
    const input = { repositoryId: other.id, kind: 'build', text: 'Run make.' };
    expect((await client.post('/api/v1/insights', input)).status).toBe(403);
    expect((await client.patch(`/api/v1/insights/${mine.id}`, { repositoryId: other.id })).status).toBe(422);
    for (const filter of ['source=agent', 'stale=false', 'pinned=false', 'q=a', `sourceId=${theirs.sourceId}`])
      expect((await client.get<Page>(`/api/v1/insights?${filter}&repositoryId=${other.id}`)).body.total).toBe(0);
    const purge = (repositoryId: string) => client.post('/api/v1/insights/purge', { repositoryId, source: 'agent' });
    expect((await purge(other.id)).status).toBe(403);
    expect((await purge(repository.id)).status).toBe(200);
    expect(await listIds('', maintainer)).toContain(theirs.id);
  });

  it('of a review lose dismissed findings', async () => {
    const rows = api.repositories;
    const { id: taskId } = await rows.TaskRepository.insert(aTask({ repositoryId: repository.id }));
    const run = await rows.RunRepository.insert(aRun({ taskId, repositoryId: repository.id }));
    const change = await rows.ChangeRepository.insert(aChange({ taskId, repositoryId: repository.id, runId: run.id }));
    const of = { taskId, repositoryId: repository.id, runId: run.id, changeId: change.id, path: 'a.ts' };
    const findings = [aFinding({ ...of, title: 'Right' }), aFinding({ ...of, title: 'Wrong' })];
    await rows.FindingRepository.replaceForRun(run.id, findings);
    const insights = api.app.get<Insights>(Insights, { strict: false });
    const { id } = await insights.remember({
      ...{ repositoryId: repository.id, kind: 'review', source: 'review', sourceId: run.id, author: 'Run 1' },
      ...{ text: 'Right; wrong', path: 'a.ts', blob: null },
    });
    const dismiss = ({ id: finding }: { id: string }) =>
      maintainer.patch(`/api/v1/findings/${finding}`, { status: 'dismissed' });
    await maintainer.patch(`/api/v1/insights/${id}`, { pinned: true });
    await rows.InsightRepository.update(id, { staleAt: BUILT_AT });
    await dismiss(findings[1]!);
    const { text, staleAt } = (await rows.InsightRepository.findById(id))!;
    expect(text).toMatch(/^The review of change \d+ found: Right \(medium, line 7\)$/);
    expect(staleAt, 'its file has not changed').toEqual(BUILT_AT);
    await dismiss(findings[0]!);
    expect(await rows.InsightRepository.findById(id)).toBeNull();
  });
});
