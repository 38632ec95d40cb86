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

  it('indexes a fetched commit once', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    expect(await service.indexNext('a', NEVER)).toBe(repository.id);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'one', leaseOwner: null, phase: null, attempts: 0 });
    await service.requestIfOutdated(repository.id, 'one');
    expect(await service.indexNext('a', NEVER)).toBeNull();
    await rows.RepositoryRepository.update(repository.id, { headCommit: 'two' });
    await service.requestIfOutdated(repository.id, 'two');
    await service.indexNext('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'two' });
  });

  it('continues with a commit that was fetched in the meantime', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    memory.onIndex = async () => void (await rows.RepositoryRepository.update(repository.id, { headCommit: 'two' }));
    await service.indexNext('a', NEVER);
    expect(await index()).toMatchObject({ status: 'pending', commit: 'one' });
    memory.onIndex = () => Promise.resolve();
    await service.indexNext('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'two' });
  });

  it('continues at once after a crash, but gives up after 5', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    for (let died = 1; died <= 5; died++) {
      await rows.CodeIndexRepository.claim(now, `dead-${died}`, 60_000);
      await service.releaseDeadLeases((owners) => owners.filter((owner) => owner.startsWith('dead')));
    }
    expect(await service.indexNext('a', NEVER)).toBe(repository.id);
    expect(await index()).toMatchObject({ status: 'failed', statusReason: expect.stringMatching(/ended 5 times/) });
    expect(memory.commits.size).toBe(0);
    await service.requestIfOutdated(repository.id, 'two');
    expect((await index())!.status, 'a new push does not retry; a user has to').toBe('failed');
  });

  it('reports progress and stops when cancelled', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    memory.onIndex = async (repositoryId, _, { onProgress }) => {
      await onProgress('files', 3, 9);
      expect(await index()).toMatchObject({ status: 'indexing', phase: 'files', doneFiles: 3, totalFiles: 9 });
      const { id } = (await rows.CodeIndexRepository.findByRepository(repositoryId))!;
      await rows.CodeIndexRepository.update(id, { cancelRequestedAt: now });
      now = new Date(now.getTime() + 2_000);
      await onProgress('files', 4, 9);
    };
    await service.indexNext('a', NEVER);
    expect(await index()).toMatchObject({ status: 'cancelled', commit: null, cancelRequestedAt: null });
    expect(memory.commits.size).toBe(0);
    await service.requestRepairs();
    expect((await index())!.status, 'a cancelled index is not requested again').toBe('cancelled');
  });

  it('starts again if it is requested while it stops', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    memory.onIndex = async (repositoryId, _, { onProgress, signal }) => {
      const { id } = (await rows.CodeIndexRepository.findByRepository(repositoryId))!;
      await rows.CodeIndexRepository.update(id, { cancelRequestedAt: now });
      now = new Date(now.getTime() + 2_000);
      await onProgress('files', 4, 9);
      await rows.CodeIndexRepository.request(newCodeIndex('another', repositoryId, now));
      signal.throwIfAborted();
    };
    await service.indexNext('a', NEVER);
    expect(await index()).toMatchObject({ status: 'pending', commit: null, cancelRequestedAt: null });
    memory.onIndex = () => Promise.resolve();
    const ready = now;
    await service.indexNext('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'one', indexedAt: ready });
  });

  it('ignores the result of a worker whose lease has expired', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    memory.onIndex = async (_id, _commit, { onProgress }) => {
      memory.onIndex = () => Promise.resolve();
      now = new Date(now.getTime() + 120_000);
      await service.indexNext('b', NEVER);
      await onProgress('files', 1, 2);
    };
    memory.files.set(repository.id, []);
    await service.indexNext('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'one' });
  });

  it('releases the index on shutdown', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    const shutdown = new AbortController();
    memory.onIndex = async () => shutdown.abort('shutdown');
    await service.indexNext('a', shutdown.signal);
    expect(await index()).toMatchObject({ status: 'pending', statusReason: null, attempts: 0 });
  });

  it('retries with increasing delays, then gives up with the reason', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    memory.onIndex = () => Promise.reject(new UnavailableError('git', 'git cannot be run'));
    for (let tries = 1; tries <= 5; tries++) {
      expect(await service.indexNext('a', NEVER)).toBe(repository.id);
      expect(await service.indexNext('a', NEVER), 'not at once').toBeNull();
      now = new Date(now.getTime() + 30_000 * 2 ** (tries - 1));
    }
    expect(await index()).toMatchObject({ status: 'failed', statusReason: 'git cannot be run', attempts: 5 });
  });

  it('requests a new index for a damaged one', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    await service.indexNext('a', NEVER);
    await service.requestRepairs();
    expect(await service.indexNext('a', NEVER)).toBeNull();
    memory.withoutVectors.add(repository.id);
    await service.requestRepairs();
    expect(await service.indexNext('a', NEVER)).toBe(repository.id);
    expect(memory.withoutVectors.size).toBe(0);
  });

  it('repeats repair requests with increasing delays', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    await service.indexNext('a', NEVER);
    const attempts: number[] = [];
    for (let second = 0; second < 1_200; second += 15) {
      memory.withoutVectors.add(repository.id);
      await service.requestRepairs();
      if (await service.indexNext('a', NEVER)) attempts.push(second);
      now = new Date(now.getTime() + 15_000);
    }
    expect(attempts).toEqual([0, 15, 45, 105, 225, 465, 765, 1065]);
    memory.withoutVectors.clear();
    now = new Date(now.getTime() + 300_000);
    await service.requestRepairs();
    memory.withoutVectors.add(repository.id);
    await service.requestRepairs();
    expect(await service.indexNext('a', NEVER), 'a healthy index resets the delay').toBe(repository.id);
  });

  it('checks many repositories in turns, so that new commits do not wait', async () => {
    const ids = Array.from({ length: 5 }, (_, n) => `repository-${n}`);
    for (const id of ids) {
      await rows.RepositoryRepository.insert(aRepository({ id, headCommit: 'one' }));
      await service.requestIfOutdated(id, 'one');
      await service.indexNext('a', NEVER);
    }
    const checked: string[] = [];
    memory.needsRepair = async (id) => {
      checked.push(id);
      now = new Date(now.getTime() + 1_000);
      return false;
    };
    await service.requestRepairs();
    expect(checked).toEqual(ids.slice(0, 3));
    await service.requestRepairs();
    expect(checked).toEqual([...ids, ids[0]]);
  });

  it('does not repeat requests for a repository that was never fetched', async () => {
    await rows.RepositoryRepository.update(repository.id, { headCommit: null });
    await rows.CodeIndexRepository.request(newCodeIndex('index', repository.id, now));
    await service.indexNext('a', NEVER);
    expect(await index()).toMatchObject({
      status: 'ready',
      commit: null,
      statusReason: expect.stringMatching(/fetched/),
    });
    memory.withoutVectors.add(repository.id);
    await service.requestRepairs();
    expect(await service.indexNext('a', NEVER)).toBeNull();
  });

  it('misses no commit that is fetched while the result is stored', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    const { updateClaimed } = rows.CodeIndexRepository;
    rows.CodeIndexRepository.updateClaimed = async (id, owner, patch) => {
      if (patch.status === 'ready') {
        await rows.RepositoryRepository.update(repository.id, { headCommit: 'two' });
        await service.requestIfOutdated(repository.id, 'two');
      }
      return updateClaimed(id, owner, patch);
    };
    await service.indexNext('a', NEVER);
    rows.CodeIndexRepository.updateClaimed = updateClaimed;
    await service.indexNext('a', NEVER);
    expect(await index()).toMatchObject({ status: 'ready', commit: 'two' });
  });

  it('removes the index of a repository that was deleted while it was indexed', async () => {
    await service.requestIfOutdated(repository.id, 'one');
    memory.onIndex = () => rows.RepositoryRepository.delete(repository.id);
    await service.indexNext('a', NEVER);
    expect(await index()).toBeNull();
    expect(memory.commits.size).toBe(0);
  });
});
