import { newCodeIndex, UnavailableError } from '@teko/domain';
import { aRepository, InMemoryMemory, inMemoryRepositories } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { IndexingService } from './indexing.service';

const NEVER = new AbortController().signal;

describe('IndexingService', () => {
  let rows: ReturnType<typeof inMemoryRepositories>;
  let memory: InMemoryMemory;
  let now: Date;
  let service: IndexingService;
  const repository = aRepository({ headCommit: 'one' });
  const index = () => rows.CodeIndexRepository.findByRepository(repository.id);

  beforeEach(async () => {
    rows = inMemoryRepositories();
    memory = new InMemoryMemory();
    now = new Date('2026-11-24T09:00:00.000Z');
    let id = 0;
    const clock = { now: () => now };
    const ids = { next: () => `index-${++id}` };
    service = new IndexingService(rows.CodeIndexRepository, rows.RepositoryRepository, memory, clock, ids);
    await rows.RepositoryRepository.insert(repository);
  });

  it('indexes what was fetched, once', async () => {
    await service.follow(repository.id, 'one');
    expect(await service.workOnce('a', NEVER)).toBe(repository.id);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'one', leaseOwner: null, phase: null, attempts: 0 });
    await service.follow(repository.id, 'one');
    expect(await service.workOnce('a', NEVER)).toBeNull();
    await rows.RepositoryRepository.update(repository.id, { headCommit: 'two' });
    await service.follow(repository.id, 'two');
    await service.workOnce('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'two' });
  });

  it('goes on with what was fetched meanwhile', async () => {
    await service.follow(repository.id, 'one');
    memory.onIndex = async () => void (await rows.RepositoryRepository.update(repository.id, { headCommit: 'two' }));
    await service.workOnce('a', NEVER);
    expect(await index()).toMatchObject({ status: 'pending', commit: 'one' });
    memory.onIndex = () => Promise.resolve();
    await service.workOnce('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'two' });
  });

  it('goes on at once where a process died, but not for ever', async () => {
    await service.follow(repository.id, 'one');
    for (let died = 1; died <= 5; died++) {
      await rows.CodeIndexRepository.claim(now, `dead-${died}`, 60_000);
      await service.takeOver((owners) => owners.filter((owner) => owner.startsWith('dead')));
    }
    expect(await service.workOnce('a', NEVER)).toBe(repository.id);
    expect(await index()).toMatchObject({ status: 'failed', statusReason: expect.stringMatching(/ended 5 times/) });
    expect(memory.commits.size).toBe(0);
    await service.follow(repository.id, 'two');
    expect((await index())!.status, 'nor with the next push: people have to ask').toBe('failed');
  });

  it('tells how far it is, and stops when it is told to', async () => {
    await service.follow(repository.id, 'one');
    memory.onIndex = async (repositoryId, _, { onProgress }) => {
      await onProgress('files', 3, 9);
      expect(await index()).toMatchObject({ status: 'indexing', phase: 'files', doneFiles: 3, totalFiles: 9 });
      const { id } = (await rows.CodeIndexRepository.findByRepository(repositoryId))!;
      await rows.CodeIndexRepository.update(id, { cancelRequestedAt: now });
      now = new Date(now.getTime() + 2_000);
      await onProgress('files', 4, 9);
    };
    await service.workOnce('a', NEVER);
    expect(await index()).toMatchObject({ status: 'cancelled', commit: null, cancelRequestedAt: null });
    expect(memory.commits.size).toBe(0);
    await service.heal();
    expect((await index())!.status, 'nobody asks again for what people stopped').toBe('cancelled');
  });

  it('begins anew where it is asked for while it stops', async () => {
    await service.follow(repository.id, 'one');
    memory.onIndex = async (repositoryId, _, { onProgress, signal }) => {
      const { id } = (await rows.CodeIndexRepository.findByRepository(repositoryId))!;
      await rows.CodeIndexRepository.update(id, { cancelRequestedAt: now });
      now = new Date(now.getTime() + 2_000);
      await onProgress('files', 4, 9);
      await rows.CodeIndexRepository.request(newCodeIndex('another', repositoryId, now));
      signal.throwIfAborted();
    };
    await service.workOnce('a', NEVER);
    expect(await index()).toMatchObject({ status: 'pending', commit: null, cancelRequestedAt: null });
    memory.onIndex = () => Promise.resolve();
    const ready = now;
    await service.workOnce('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'one', indexedAt: ready });
  });

  it('is nothing to a worker whose right has ended', async () => {
    await service.follow(repository.id, 'one');
    memory.onIndex = async (_id, _commit, { onProgress }) => {
      memory.onIndex = () => Promise.resolve();
      now = new Date(now.getTime() + 120_000);
      await service.workOnce('b', NEVER);
      await onProgress('files', 1, 2);
    };
    memory.files.set(repository.id, []);
    await service.workOnce('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'one' });
  });

  it('hands over at a shutdown', async () => {
    await service.follow(repository.id, 'one');
    const shutdown = new AbortController();
    memory.onIndex = async () => shutdown.abort('shutdown');
    await service.workOnce('a', shutdown.signal);
    expect(await index()).toMatchObject({ status: 'pending', statusReason: null, attempts: 0 });
  });

  it('tries again later and later, and then says why it gives up', async () => {
    await service.follow(repository.id, 'one');
    memory.onIndex = () => Promise.reject(new UnavailableError('git', 'git cannot be run'));
    for (let tries = 1; tries <= 5; tries++) {
      expect(await service.workOnce('a', NEVER)).toBe(repository.id);
      expect(await service.workOnce('a', NEVER), 'not at once').toBeNull();
      now = new Date(now.getTime() + 30_000 * 2 ** (tries - 1));
    }
    expect(await index()).toMatchObject({ status: 'failed', statusReason: 'git cannot be run', attempts: 5 });
  });

  it('heals what is not what it should be', async () => {
    await service.follow(repository.id, 'one');
    await service.workOnce('a', NEVER);
    await service.heal();
    expect(await service.workOnce('a', NEVER)).toBeNull();
    memory.withoutVectors.add(repository.id);
    await service.heal();
    expect(await service.workOnce('a', NEVER)).toBe(repository.id);
    expect(memory.withoutVectors.size).toBe(0);
  });

  it('heals ever later while that does not help', async () => {
    await service.follow(repository.id, 'one');
    await service.workOnce('a', NEVER);
    const tries: number[] = [];
    for (let second = 0; second < 1_200; second += 15) {
      memory.withoutVectors.add(repository.id);
      await service.heal();
      if (await service.workOnce('a', NEVER)) tries.push(second);
      now = new Date(now.getTime() + 15_000);
    }
    expect(tries).toEqual([0, 15, 45, 105, 225, 465, 765, 1065]);
    memory.withoutVectors.clear();
    now = new Date(now.getTime() + 300_000);
    await service.heal();
    memory.withoutVectors.add(repository.id);
    await service.heal();
    expect(await service.workOnce('a', NEVER), 'what was well again is healed at once').toBe(repository.id);
  });

  it('looks at many in turn, so that what was pushed does not wait for it', async () => {
    const ids = Array.from({ length: 5 }, (_, n) => `repository-${n}`);
    for (const id of ids) {
      await rows.RepositoryRepository.insert(aRepository({ id, headCommit: 'one' }));
      await service.follow(id, 'one');
      await service.workOnce('a', NEVER);
    }
    const looked: string[] = [];
    memory.needsRepair = async (id) => {
      looked.push(id);
      now = new Date(now.getTime() + 1_000);
      return false;
    };
    await service.heal();
    expect(looked).toEqual(ids.slice(0, 3));
    await service.heal();
    expect(looked).toEqual([...ids, ids[0]]);
  });

  it('does not ask again and again for what was never fetched', async () => {
    await rows.RepositoryRepository.update(repository.id, { headCommit: null });
    await rows.CodeIndexRepository.request(newCodeIndex('index', repository.id, now));
    await service.workOnce('a', NEVER);
    expect(await index()).toMatchObject({
      status: 'ready',
      commit: null,
      statusReason: expect.stringMatching(/fetched/),
    });
    memory.withoutVectors.add(repository.id);
    await service.heal();
    expect(await service.workOnce('a', NEVER)).toBeNull();
  });

  it('misses no commit that is fetched while the end is written down', async () => {
    await service.follow(repository.id, 'one');
    const { updateClaimed } = rows.CodeIndexRepository;
    rows.CodeIndexRepository.updateClaimed = async (id, owner, patch) => {
      if (patch.status === 'ready') {
        await rows.RepositoryRepository.update(repository.id, { headCommit: 'two' });
        await service.follow(repository.id, 'two');
      }
      return updateClaimed(id, owner, patch);
    };
    await service.workOnce('a', NEVER);
    rows.CodeIndexRepository.updateClaimed = updateClaimed;
    await service.workOnce('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'two' });
  });

  it('leaves nothing of a repository that was deleted while it was indexed', async () => {
    await service.follow(repository.id, 'one');
    memory.onIndex = () => rows.RepositoryRepository.delete(repository.id);
    await service.workOnce('a', NEVER);
    expect(await index()).toBeNull();
    expect(memory.commits.size).toBe(0);
  });
});
