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

async function addComment(overrides: Partial<Comment> = {}): Promise<Comment> {
  return rows.CommentRepository.insert(aComment({ taskId: task.id, author: 'Grace', body: 'Please.', ...overrides }));
}

const bodies = () => forge.externalComments.map(({ body }) => body);
const later = (ms: number) => (now = new Date(now.getTime() + ms));

describe('CommentPublisher', () => {
  it('publishes a comment on the issue once, with its author, edits and deletion', async () => {
    const comment = await addComment();
    await addComment({ authorKind: 'teko', author: 'Teko', body: 'Run 1 started.' });
    await Promise.all([publisher.publishDue(), aPublisher().publishDue()]);
    await publisher.publishDue();
    expect(bodies().sort()).toEqual(['**Grace** in Teko:\n\nPlease.', 'Run 1 started.']);

    await rows.CommentRepository.update(comment.id, { body: 'Please do.', updatedAt: later(1000) });
    await publisher.publishDue();
    expect(bodies()).toContain('**Grace** in Teko:\n\nPlease do.');
    await rows.CommentRepository.update(comment.id, { body: '', deletedAt: now, updatedAt: later(1000) });
    await publisher.publishDue();
    expect(bodies()).toEqual(['Run 1 started.']);
  });

  it.each(['before', 'after'] as const)(
    'publishes once if the forge fails %s it has stored the comment',
    async (when) => {
      await addComment();
      forge.failNext = when;
      await publisher.publishDue();
      const stored = when === 'after' ? 1 : 0;
      expect(bodies()).toHaveLength(stored);
      // The request may still arrive: nothing is sent again before it has timed out.
      await publisher.publishDue();
      expect(bodies()).toHaveLength(stored);
      later(FORGE_TIMEOUT_MS + 1);
      await publisher.publishDue();
      later(FORGE_TIMEOUT_MS + 1);
      await publisher.publishDue();
      expect(bodies()).toHaveLength(1);
      const [link] = await rows.CommentLinkRepository.findByTask(task.id);
      expect(link).toMatchObject({ externalId: forge.externalComments[0]!.id, error: null });
    },
  );

  it('publishes neither deleted comments nor comments of a task without an issue', async () => {
    await addComment({ deletedAt: now, body: '' });
    const own = await rows.TaskRepository.insert(aTask({ repositoryId: task.repositoryId }));
    await addComment({ taskId: own.id });
    await publisher.publishDue();
    expect(bodies()).toEqual([]);
  });
});
