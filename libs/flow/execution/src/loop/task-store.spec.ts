import { aRepository, aTask, inMemoryRepositories } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { TaskStore } from './task-store';

let store: TaskStore;
let other: TaskStore;

beforeEach(async () => {
  const { RepositoryRepository, TaskRepository, StoredItemRepository } = inMemoryRepositories();
  await RepositoryRepository.insert(aRepository({ id: 'r' }));
  for (const id of ['t', 'u']) await TaskRepository.insert(aTask({ id, repositoryId: 'r' }));
  const clock = { now: () => new Date() };
  store = new TaskStore(StoredItemRepository, 't', clock);
  other = new TaskStore(StoredItemRepository, 'u', clock);
});

describe('TaskStore', () => {
  it('stores, replaces and deletes values of one task', async () => {
    await store.put(['conversations'], 'review', { text: 'old' });
    await store.put(['conversations'], 'review', { text: 'new' });
    const item = await store.get(['conversations'], 'review');
    expect(item).toMatchObject({ namespace: ['conversations'], key: 'review', value: { text: 'new' } });
    expect(await other.get(['conversations'], 'review')).toBeNull();
    await store.delete(['conversations'], 'review');
    expect(await store.get(['conversations'], 'review')).toBeNull();
  });

  it('searches by prefix, filter and page, and lists namespaces', async () => {
    for (const n of [1, 2, 3]) await store.put(['runs', `r${n}`], 'data', { n, kind: n === 2 ? 'even' : 'odd' });
    await store.put(['else'], 'data', { n: 9 });
    const searchNumbers = async (options: Parameters<TaskStore['search']>[1]) =>
      (await store.search(['runs'], options)).map(({ value }) => value.n as number).sort();
    expect(await searchNumbers({})).toEqual([1, 2, 3]);
    expect(await searchNumbers({ filter: { kind: 'odd' } })).toEqual([1, 3]);
    expect(await searchNumbers({ filter: { n: { $gt: 1 } } })).toEqual([2, 3]);
    expect(await searchNumbers({ limit: 2, offset: 2 })).toHaveLength(1);
    expect(await store.listNamespaces({ prefix: ['runs'], maxDepth: 1 })).toEqual([['runs']]);
    const [first] = await store.search(['else']);
    expect(first!.updatedAt).toEqual((await store.get(['else'], 'data'))!.updatedAt);
  });

  it('runs a batch in order, and refuses invalid namespaces', async () => {
    const results = await store.batch([
      { namespace: ['a'], key: 'k', value: { n: 1 } },
      { namespace: ['a'], key: 'k' },
    ]);
    expect(results[1]).toMatchObject({ value: { n: 1 } });
    await expect(store.put(['a.b'], 'k', {})).rejects.toThrow(/period|namespace/i);
    await expect(store.put([], 'k', {})).rejects.toThrow(/namespace/i);
  });
});
