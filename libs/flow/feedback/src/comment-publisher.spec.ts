import { FORGE_TIMEOUT_MS, type Comment, type Task } from '@teko/domain';
import { uuids } from '@teko/platform';
import { aComment, aRepository, aTask, InMemoryForge, inMemoryRepositories } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { CommentPublisher } from './comment-publisher.service';

let rows: ReturnType<typeof inMemoryRepositories>;
let forge: InMemoryForge;
let task: Task;
let now: Date;
let publisher: CommentPublisher;

beforeEach(async () => {
  rows = inMemoryRepositories();
  forge = new InMemoryForge();
  now = new Date();
  const repository = aRepository({ forge: 'github', forgeId: '1' });
  await rows.RepositoryRepository.insert(repository);
  task = await rows.TaskRepository.insert(
    aTask({ repositoryId: repository.id, source: 'github', issueNumber: 7, demo: false }),
  );
  publisher = aPublisher();
});

function aPublisher(): CommentPublisher {
  return new CommentPublisher(
    rows.CommentRepository,
    rows.CommentLinkRepository,
    rows.TaskRepository,
    rows.RepositoryRepository,
    forge,
    forge,
    forge,
    { now: () => now },
    uuids,
  );
}

async function said(overrides: Partial<Comment> = {}): Promise<Comment> {
  return rows.CommentRepository.insert(aComment({ taskId: task.id, author: 'Grace', body: 'Please.', ...overrides }));
}

const bodies = () => forge.externalComments.map(({ body }) => body);
const later = (ms: number) => (now = new Date(now.getTime() + ms));

describe('what is said in Teko', () => {
  it('is said on the issue once, with who said it, and kept as it is here', async () => {
    const comment = await said();
    await said({ authorKind: 'teko', author: 'Teko', body: 'Run 1 begins.' });
    await Promise.all([publisher.sayDue(), aPublisher().sayDue()]);
    await publisher.sayDue();
    expect(bodies().sort()).toEqual(['**Grace** in Teko:\n\nPlease.', 'Run 1 begins.']);

    await rows.CommentRepository.update(comment.id, { body: 'Please do.', updatedAt: later(1000) });
    await publisher.sayDue();
    expect(bodies()).toContain('**Grace** in Teko:\n\nPlease do.');
    await rows.CommentRepository.update(comment.id, { body: '', deletedAt: now, updatedAt: later(1000) });
    await publisher.sayDue();
    expect(bodies()).toEqual(['Run 1 begins.']);
  });

  it.each(['before', 'after'] as const)('is said once where the forge breaks off %s it is stored', async (when) => {
    await said();
    forge.failNext = when;
    await publisher.sayDue();
    const stored = when === 'after' ? 1 : 0;
    expect(bodies()).toHaveLength(stored);
    // What was sent may still be under way: nothing is sent again before it has arrived or never will.
    await publisher.sayDue();
    expect(bodies()).toHaveLength(stored);
    later(FORGE_TIMEOUT_MS + 1);
    await publisher.sayDue();
    later(FORGE_TIMEOUT_MS + 1);
    await publisher.sayDue();
    expect(bodies()).toHaveLength(1);
    const [link] = await rows.CommentLinkRepository.findByTask(task.id);
    expect(link).toMatchObject({ externalId: forge.externalComments[0]!.id, error: null });
  });

  it('is not said where it was taken back before, nor for a task that came from no issue', async () => {
    await said({ deletedAt: now, body: '' });
    const own = await rows.TaskRepository.insert(aTask({ repositoryId: task.repositoryId }));
    await said({ taskId: own.id });
    await publisher.sayDue();
    expect(bodies()).toEqual([]);
  });
});
