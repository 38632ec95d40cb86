import type { ListQuery } from '@teko/contracts';
import { expect, it } from 'vitest';
import { aChange, aComment, aFinding, anInsight } from '../builders';
import type { RepositorySet } from '../in-memory';
import { describePort, listQuery, type Fixture, type MakeRepositories } from './fixture';

type Lists = { list(query: ListQuery): Promise<{ data: { id: string }[]; total: number }> };

/** Stores one row of each kind in a new repository; returns the ids by port. */
async function populated({ repositories, repository, task, run }: Fixture) {
  const { id: repositoryId } = await repository();
  const { id: taskId } = await task({ repositoryId });
  const { id: runId } = await run({ repositoryId, taskId });
  const { id: changeId } = await repositories.ChangeRepository.insert(aChange({ repositoryId, taskId, runId }));
  const { id: commentId } = await repositories.CommentRepository.insert(aComment({ taskId }));
  const finding = aFinding({ repositoryId, taskId, runId, changeId });
  await repositories.FindingRepository.replaceForRun(runId, [finding]);
  const insight = anInsight({ repositoryId });
  await repositories.InsightRepository.insert(insight);
  return {
    RepositoryRepository: repositoryId,
    TaskRepository: taskId,
    RunRepository: runId,
    ChangeRepository: changeId,
    CommentRepository: commentId,
    FindingRepository: finding.id,
    InsightRepository: insight.id,
  };
}

/** The contract of lists and counts with a `within` filter of repository ids. */
export function repositoryFilterContract(name: string, make: MakeRepositories): void {
  describePort('lists and counts within repositories', name, make, (get) => {
    it('list only rows of these repositories', async () => {
      const [mine] = [await populated(get()), await populated(get())];
      for (const [port, id] of Object.entries(mine)) {
        const { list } = bound(get().repositories[port as keyof RepositorySet] as unknown as Lists);
        expect(await list(listQuery({ within: [mine.RepositoryRepository] })), port).toMatchObject({
          data: [{ id }],
          total: 1,
        });
        expect(await list(listQuery({ within: [] })), port).toEqual({ data: [], total: 0 });
      }
    });

    it('count only rows of these repositories', async () => {
      const [mine] = [await populated(get()), await populated(get())];
      const { TaskRepository: tasks, RunRepository: runs } = get().repositories;
      for (const port of [tasks, runs]) {
        expect(Object.values(await port.countByStatus([mine.RepositoryRepository]))).toEqual([1]);
        expect(await port.countByStatus([])).toEqual({});
      }
    });
  });
}

const bound = (port: Lists): Lists => ({ list: (query) => port.list(query) });
