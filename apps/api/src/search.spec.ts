import { aCodeIndex, aRepository, aRepositoryGrant } from '@teko/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SearchResult } from '@teko/domain';
import { ApiFixture, type ApiClient } from './api.fixture';

let api: ApiFixture;
let admin: ApiClient;
beforeAll(async () => {
  api = await ApiFixture.start();
  admin = await api.client('admin');
});
afterAll(() => api?.close());
afterEach(() => {
  api.memory.files.clear();
  api.memory.notice = null;
});

async function repositoryWith(text: string): Promise<string> {
  const repository = aRepository();
  await api.repositories.RepositoryRepository.insert(repository);
  api.memory.files.set(repository.id, [{ path: 'src/price.py', text }]);
  return repository.id;
}

const foundIn = async (client: ApiClient, query: string) => {
  const { status, body } = await client.get<SearchResult>(`/api/v1/${query}`);
  expect(status).toBe(200);
  return body.hits.map(({ repositoryId }) => repositoryId).sort();
};

describe('search', () => {
  it('returns hits only from readable repositories, also if other repositories are requested', async () => {
    const [mine, other] = [await repositoryWith('def round_cents'), await repositoryWith('def round_cents')];
    const row = await api.user({ roles: [] });
    await api.repositories.RepositoryGrantRepository.insert(
      aRepositoryGrant({ userId: row.id, repositoryId: mine, role: 'viewer' }),
    );
    const user = await api.clientOf(row);
    expect(await foundIn(user, 'search?q=round_cents')).toEqual([mine]);
    expect(await foundIn(user, `search?q=round_cents&repositoryId=${other}`)).toEqual([]);
    expect(await foundIn(user, `repositories/${mine}/search?q=round_cents`)).toEqual([mine]);
    expect((await user.get(`/api/v1/repositories/${other}/search?q=round_cents`)).status).toBe(404);
    expect(await foundIn(admin, 'search?q=round_cents')).toEqual([mine, other].sort());
    expect(await foundIn(admin, `search?q=round_cents&repositoryId=${other}`)).toEqual([other]);
    expect(await foundIn(admin, `search?q=round_cents&repositoryId=${other}&repositoryId=${other}`)).toEqual([other]);
    expect((await (await api.client()).get('/api/v1/search?q=x')).status).toBe(401);
  });

  it('accepts the text of a ticket in any script, and does not write an audit log entry', async () => {
    const id = await repositoryWith('def round_cents');
    const q = `round_cents\n\n${'Сумма округляется неверно. '.repeat(600)}`;
    const { status, body } = await admin.post<SearchResult>('/api/v1/search', { q, limit: 5, repositoryId: [id] });
    expect({ status, found: body.hits.map(({ path }) => path) }).toEqual({ status: 200, found: ['src/price.py'] });
    const rejected = await admin.post<{ errors: object }>('/api/v1/search', { q: 'x'.repeat(20_001), page: 1 });
    expect(rejected).toMatchObject({
      status: 422,
      body: { errors: { q: expect.any(String), page: expect.any(String) } },
    });
    const audit = await admin.get<{ total: number }>('/api/v1/audit-log-entries?action=search.ticket');
    expect(audit.body.total).toBe(0);
  });

  it('returns an error for every invalid field of a query', async () => {
    const { status, body } = await admin.get<{ errors: Record<string, string> }>('/api/v1/search?q=&limit=0&page=2');
    expect(status).toBe(422);
    expect(Object.keys(body.errors).sort()).toEqual(['limit', 'page', 'q']);
  });

  it('returns the notice of the search, and whether some repositories were not searched', async () => {
    api.memory.notice = 'Keyword search only.';
    expect((await admin.get<SearchResult>('/api/v1/search?q=x')).body.notice).toBe('Keyword search only.');
    for (let n = 0; n < 101; n++) await repositoryWith('');
    expect((await admin.get<SearchResult>('/api/v1/search?q=x')).body.notice).toMatch(
      /^Keyword search only\. Only 100 of 1\d\d repositories were searched/,
    );
  });
});

describe('the code index of a repository', () => {
  it('is requested, returned without its lease, and cancelled', async () => {
    const id = await repositoryWith('');
    const path = `/api/v1/repositories/${id}/code-index`;
    expect((await admin.get(path)).status).toBe(404);
    expect(await admin.post(path, {})).toMatchObject({ status: 202, body: { status: 'pending' } });
    expect(await admin.post(`${path}/cancel`, {})).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    await admin.post(path, {});
    const rows = api.repositories.CodeIndexRepository;
    // Other tests may have requested indexes too.
    while (await rows.claim(new Date(Date.now() + 1000), 'worker-1', 60_000));
    expect(JSON.stringify((await admin.get(path)).body)).not.toMatch(/worker-1|lease/);
    const { body } = await admin.post<{ cancelRequestedAt: string | null }>(`${path}/cancel`, {});
    expect(body).toMatchObject({ status: 'indexing', cancelRequestedAt: expect.any(String) });
  });

  it('can be changed only with permission to update the repository', async () => {
    const id = await repositoryWith('');
    await api.repositories.CodeIndexRepository.request(aCodeIndex({ repositoryId: id }));
    const viewer = await api.client('viewer');
    expect((await viewer.get(`/api/v1/repositories/${id}/code-index`)).status).toBe(200);
    expect((await viewer.post(`/api/v1/repositories/${id}/code-index`, {})).status).toBe(403);
    expect((await viewer.post(`/api/v1/repositories/${id}/code-index/cancel`, {})).status).toBe(403);
  });
});
