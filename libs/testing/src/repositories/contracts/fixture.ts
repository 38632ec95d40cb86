import type { ListQuery } from '@teko/contracts';
import type { Repository, Run, Task } from '@teko/domain';
import { beforeAll, describe } from 'vitest';
import { aRepository, aRun, aTask } from '../builders';
import type { RepositorySet } from '../in-memory';

/** Returns the repositories under test; they may already contain rows of other tests. */
export type MakeRepositories = () => RepositorySet | Promise<RepositorySet>;

/** The repositories under test, and functions that store parent rows. */
export interface Fixture {
  repositories: RepositorySet;
  repository(overrides?: Partial<Repository>): Promise<Repository>;
  task(overrides?: Partial<Task>): Promise<Task>;
  run(overrides?: Partial<Run>): Promise<Run>;
}

/** Describes the contract of one port. Call `get` inside the tests only. */
export function describePort(port: string, name: string, make: MakeRepositories, tests: (get: () => Fixture) => void) {
  describe(`${port} (${name})`, () => {
    let fixture: Fixture;
    beforeAll(async () => {
      fixture = fixtureOn(await make());
    });
    tests(() => fixture);
  });
}

function fixtureOn(repositories: RepositorySet): Fixture {
  const repository = async (overrides: Partial<Repository> = {}) => {
    const row = aRepository(overrides);
    await repositories.RepositoryRepository.insert(row);
    return row;
  };
  const task = async (overrides: Partial<Task> = {}) => {
    const repositoryId = overrides.repositoryId ?? (await repository()).id;
    return repositories.TaskRepository.insert(aTask({ ...overrides, repositoryId }));
  };
  const run = async (overrides: Partial<Run> = {}) => {
    const parent = overrides.taskId && (await repositories.TaskRepository.findById(overrides.taskId));
    const { id: taskId, repositoryId } = parent || (await task());
    return repositories.RunRepository.insert(aRun({ repositoryId, ...overrides, taskId }));
  };
  return { repositories, repository, task, run };
}

export function listQuery(query: Partial<ListQuery> = {}): ListQuery {
  return { page: 1, perPage: 50, sort: 'createdAt', order: 'ASC', filters: {}, ...query };
}
