import { randomUUID } from 'node:crypto';
import { ConflictError, NotFoundError, type CommentLink } from '@teko/domain';
import { afterEach, expect, it } from 'vitest';
import { aChange, aComment, BUILT_AT as NOW } from '../builders';
import { aCheckRun, aCommentLink } from '../integration-builders';
import { describePort, listQuery, type Fixture, type MakeRepositories } from './fixture';

const after = (ms: number) => new Date(NOW.getTime() + ms);

/** A task created from an issue. */
const fromIssue = { source: 'github', issueNumber: 41 } as const;

/** The contract of CommentLinkRepository. */
export function commentLinkContract(name: string, make: MakeRepositories): void {
  describePort('CommentLinkRepository', name, make, (get) => {
    const port = () => get().repositories.CommentLinkRepository;
    const comments = () => get().repositories.CommentRepository;
    const taskIds: string[] = [];
    afterEach(async () => {
      for (const id of taskIds.splice(0)) await get().repositories.TaskRepository.delete(id);
    });
    const onTask = async (overrides: Parameters<Fixture['task']>[0] = fromIssue) => {
      const { id: taskId, repositoryId } = await get().task(overrides);
      taskIds.push(taskId);
      const comment = (more = {}) => comments().insert(aComment({ taskId, ...more }));
      const linked = async (more: Partial<CommentLink> = {}, ofComment = {}) => {
        const { id: commentId } = await comment(ofComment);
        return port().insert(aCommentLink({ commentId, taskId, repositoryId, ...more }));
      };
      return { taskId, repositoryId, comment, linked };
    };

    it('stores comment and link of an external comment once, also concurrently', async () => {
      const { taskId, repositoryId } = await onTask();
      const externalId = randomUUID();
      const receive = () => {
        const comment = aComment({ taskId });
        const link = {
          commentId: comment.id,
          taskId,
          repositoryId,
          origin: 'external',
          externalId,
          path: 'a.ts',
        } as const;
        return port().insertWithComment(comment, aCommentLink({ ...link, line: 7, syncedAt: NOW, attemptedAt: NOW }));
      };
      const results = await Promise.all([receive(), receive(), receive()]);
      const [stored] = results.filter(Boolean);
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await receive()).toBeNull();
      const { data } = await comments().list(listQuery({ filters: { taskId: [taskId] } }));
      expect(data).toEqual([stored]);
      const link = await port().findByExternalComment(repositoryId, 'issue_comment', externalId);
      expect(link).toMatchObject({ commentId: stored!.id, path: 'a.ts', line: 7, syncedAt: NOW, isRequest: false });
      expect(await port().findByComment(stored!.id)).toEqual(link);
      expect(await port().findByTask(taskId)).toEqual([link]);
      expect(await port().findByExternalComment(repositoryId, 'review', externalId)).toBeNull();
    });

    it('stores neither comment nor link if one of them cannot be stored', async () => {
      const { taskId, repositoryId, linked } = await onTask();
      const taken = await linked();
      const comment = aComment({ taskId });
      const clash = aCommentLink({
        id: taken.id,
        commentId: comment.id,
        taskId,
        repositoryId,
        externalId: randomUUID(),
      });
      await expect(port().insertWithComment(comment, clash)).rejects.toThrow(ConflictError);
      expect(await comments().findById(comment.id)).toBeNull();
      const lost = aComment();
      await expect(port().insertWithComment(lost, aCommentLink({ commentId: lost.id }))).rejects.toThrow(NotFoundError);
    });

    it('links each comment and each external comment once', async () => {
      const { repositoryId, linked, taskId } = await onTask();
      const [first, second] = [await linked(), await linked()];
      expect(await port().insert(aCommentLink({ ...first, id: randomUUID(), number: 1 }))).toEqual(first);
      await port().update(first.id, { externalId: 'r1' });
      await expect(port().update(second.id, { externalId: 'r1' })).rejects.toThrow(ConflictError);
      expect((await port().findByExternalComment(repositoryId, 'issue_comment', 'r1'))?.id).toBe(first.id);
      await port().update(second.id, { externalId: 'r1', kind: 'review' });
      await expect(port().insert(aCommentLink({ taskId }))).rejects.toThrow(NotFoundError);
      await expect(port().update('none', {})).rejects.toThrow(NotFoundError);
    });

    it('can be claimed by one of several concurrent publishers', async () => {
      const { linked } = await onTask();
      const link = await linked();
      const claim = (seen: Date | null, ms: number) =>
        port().claim(link.id, seen, { attemptedAt: after(ms), dueAt: after(ms + 10) });
      expect((await Promise.all([claim(null, 1), claim(null, 1), claim(null, 1)])).filter(Boolean)).toHaveLength(1);
      expect(await claim(null, 2)).toBe(false);
      expect(await claim(NOW, 2)).toBe(false);
      expect(await port().findByComment(link.commentId)).toEqual({ ...link, attemptedAt: after(1), dueAt: after(11) });
      expect((await Promise.all([claim(after(1), 3), claim(after(1), 3)])).filter(Boolean)).toHaveLength(1);
      expect(await port().claim('none', null, { attemptedAt: NOW, dueAt: NOW })).toBe(false);
    });

    it('is deleted with its comment', async () => {
      const { taskId, repositoryId, linked } = await onTask();
      await linked();
      await get().repositories.RepositoryRepository.delete(repositoryId);
      taskIds.pop();
      expect(await port().findByTask(taskId)).toEqual([]);
    });

    it('finds comments that are not yet posted on their issue, oldest first', async () => {
      const { comment, linked } = await onTask();
      const second = await comment({ createdAt: after(2) });
      const first = await comment({ createdAt: after(1) });
      await comment({ deletedAt: NOW });
      await linked();
      for (const elsewhere of [{ ...fromIssue, demo: true }, { source: 'github' }, { issueNumber: 41 }] as const)
        await (await onTask(elsewhere)).comment();
      expect(await port().findUnposted(100)).toEqual([first, second]);
      expect(await port().findUnposted(1)).toEqual([first]);
    });

    it('finds comments that changed since they were posted and are due, oldest first', async () => {
      const { linked } = await onTask();
      const changed = { updatedAt: after(5) };
      const never = await linked({ createdAt: after(2) });
      const since = await linked({ syncedAt: after(4), externalId: 'r1', createdAt: after(1) }, changed);
      const deleted = await linked({ syncedAt: after(4), createdAt: after(3) }, { ...changed, deletedAt: after(5) });
      await linked({ syncedAt: after(5) }, changed);
      await linked({ origin: 'external' });
      await linked({ attempts: 20 });
      const later = await linked({ dueAt: after(61), attempts: 19, createdAt: after(4) });
      expect(await port().findDue(after(60), 100)).toEqual([since, never, deleted]);
      expect(await port().findDue(after(60), 1)).toEqual([since]);
      expect((await port().findDue(after(61), 100)).at(-1)).toEqual(later);
    });

    it('finds requests without a run, oldest first', async () => {
      const { linked } = await onTask();
      const asked = { isRequest: true, origin: 'external' } as const;
      const second = await linked({ ...asked, externalId: '2' }, { createdAt: after(2) });
      const first = await linked({ ...asked, externalId: '1' }, { createdAt: after(1) });
      await linked({ origin: 'external', externalId: '3' });
      await linked({ ...asked, externalId: '4' }, { runId: randomUUID() });
      await linked({ ...asked, externalId: '5' }, { deletedAt: NOW });
      const found = await port().findRequests(100);
      expect(found.map(({ link }) => link)).toEqual([first, second]);
      expect(found[0]!.comment).toEqual(await comments().findById(first.commentId));
      expect(await port().findRequests(1)).toEqual([found[0]]);
    });
  });
}

/** The contract of CheckRunRepository. */
export function checkRunContract(name: string, make: MakeRepositories): void {
  describePort('CheckRunRepository', name, make, (get) => {
    const port = () => get().repositories.CheckRunRepository;
    const change = async () => {
      const { id: runId, taskId, repositoryId } = await get().run();
      const { id: changeId } = await get().repositories.ChangeRepository.insert(
        aChange({ runId, taskId, repositoryId }),
      );
      return { changeId, repositoryId };
    };

    it('stores the latest state of each check run, also concurrently', async () => {
      const of = await change();
      const pending = aCheckRun({ ...of, state: 'pending', completedAt: null, url: 'https://ci/1' });
      await Promise.all([port().save(pending), port().save({ ...pending, id: randomUUID() })]);
      const [stored] = await port().findByCommit(of.repositoryId, pending.headCommit);
      const passed = {
        ...pending,
        id: randomUUID(),
        state: 'passed',
        completedAt: after(1),
        updatedAt: after(1),
      } as const;
      await port().save(passed);
      const now = { ...passed, id: stored!.id };
      expect(await port().findByCommit(of.repositoryId, pending.headCommit)).toEqual([now]);
      await port().save(pending);
      expect(await port().findByCommit(of.repositoryId, pending.headCommit), 'an earlier state').toEqual([now]);
      expect(await port().findByCommit(of.repositoryId, 'other')).toEqual([]);
      await expect(port().save(aCheckRun())).rejects.toThrow(NotFoundError);
    });

    it('finds checks that both failed and passed on the same commit', async () => {
      const of = await change();
      const elsewhere = await change();
      const save = (checkName: string, headCommit: string, state: 'pending' | 'passed' | 'failed', where = of) =>
        port().save(aCheckRun({ ...where, name: checkName, headCommit, state }));
      for (const commit of ['one', 'two'])
        for (const state of ['failed', 'passed'] as const) await save('e2e', commit, state);
      await save('fixed later', 'one', 'failed');
      await save('fixed later', 'two', 'passed');
      await save('asked again', 'one', 'failed');
      await save('asked again', 'one', 'pending');
      await save('elsewhere', 'one', 'failed', elsewhere);
      await save('elsewhere', 'one', 'passed');
      expect(await port().findFlaky(of.repositoryId)).toEqual(['e2e']);
      await save('build', 'one', 'passed');
      await save('build', 'one', 'failed');
      expect(await port().findFlaky(of.repositoryId)).toEqual(['build', 'e2e']);
    });

    it('is deleted with its change', async () => {
      const of = await change();
      const result = aCheckRun(of);
      await port().save(result);
      await get().repositories.RepositoryRepository.delete(of.repositoryId);
      expect(await port().findByCommit(of.repositoryId, result.headCommit)).toEqual([]);
    });
  });
}
