import { afterCommit, type UnitOfWork } from '@teko/platform';
import { aRepository, aTask } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repositories } from './database';
import { mariadbDatabase, mariadbSkipReason, sqliteDatabase, type TestDatabase } from './database.fixture';

function unitOfWorkContract(name: string, open: () => Promise<TestDatabase>): void {
  describe(`a unit of work on ${name}`, () => {
    let test: TestDatabase;
    let rows: Repositories;
    let unit: UnitOfWork;
    beforeAll(async () => {
      test = await open();
      ({ repositories: rows, unitOfWork: unit } = test.database);
    });
    afterAll(() => test?.remove());

    const add = async () => {
      const repository = aRepository();
      await rows.RepositoryRepository.insert(repository);
      const task = await rows.TaskRepository.insert(aTask({ repositoryId: repository.id }));
      return { repository, task };
    };
    const isStored = async ({ repository, task }: Awaited<ReturnType<typeof add>>) => [
      (await rows.RepositoryRepository.findById(repository.id)) !== null,
      (await rows.TaskRepository.findById(task.id)) !== null,
    ];

    it('commits the writes of several repositories together, then runs what was deferred', async () => {
      const order: string[] = [];
      const made = await unit.run(async () => {
        const added = await add();
        await afterCommit(async () => void order.push(`deferred, stored: ${(await isStored(added)).join()}`));
        expect(await isStored(added)).toEqual([true, true]);
        order.push('worked');
        return added;
      });
      expect(order).toEqual(['worked', 'deferred, stored: true,true']);
      expect(await isStored(made)).toEqual([true, true]);
    });

    it('undoes all of them if the work throws, and runs nothing that was deferred', async () => {
      let made: Awaited<ReturnType<typeof add>> | undefined;
      const failing = unit.run(async () => {
        made = await add();
        await afterCommit(async () => expect.unreachable());
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await isStored(made!)).toEqual([false, false]);
    });

    it('continues after a write that the work handles, and undoes only that write', async () => {
      const made = await unit.run(async () => {
        const added = await add();
        await expect(rows.TaskRepository.insert({ ...added.task, number: 0 } as never)).rejects.toThrow();
        return added;
      });
      expect(await isStored(made)).toEqual([true, true]);
    });

    it('runs while others write, and numbers rows without gaps or conflicts', async () => {
      const work = Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0
          ? unit.run(add)
          : n % 4 === 1
            ? add()
            : unit.run(() => Promise.all([add(), add()]).then(([one]) => one!)),
      );
      const made = await Promise.all(work);
      expect(new Set(made.map(({ task }) => task.number)).size).toBe(20);
      for (const one of made) expect(await isStored(one)).toEqual([true, true]);
    });

    it('starts its transaction with the first write, so that others are not blocked before', async () => {
      await unit.run(async () => {
        await rows.RepositoryRepository.findWeights();
        await rows.TaskRepository.findById('none');
        // Would wait for the end of the unit on SQLite.
        const other = aRepository();
        await new Promise<void>((resolve, reject) => setImmediate(() => insertElsewhere(other).then(resolve, reject)));
        expect(await rows.RepositoryRepository.findById(other.id)).not.toBeNull();
      });
    });
    const insertElsewhere = async (row: ReturnType<typeof aRepository>) => {
      const { repositories, close } = await test.reopen();
      await repositories.RepositoryRepository.insert(row);
      await close();
    };

    it('is part of the unit that it is called in', async () => {
      let made: Awaited<ReturnType<typeof add>> | undefined;
      const outer = unit.run(async () => {
        made = await unit.run(add);
        throw new Error('no');
      });
      await expect(outer).rejects.toThrow('no');
      expect(await isStored(made!)).toEqual([false, false]);
    });

    it('is repeated if the database aborts it because of a deadlock', async () => {
      const [one, two] = [await add(), await add()];
      const attempts = { first: 0, second: 0 };
      const rename = (id: string, title: string) => rows.TaskRepository.update(id, { title });
      const meet: (() => void)[] = [];
      const both = () =>
        new Promise<void>((resolve) => {
          meet.push(resolve);
          if (meet.length === 2) meet.forEach((go) => go());
          // On SQLite, the second one starts after the first has ended.
          if (name === 'SQLite') resolve();
        });
      const crossing = (who: keyof typeof attempts, first: string, second: string) =>
        unit.run(async () => {
          const attempt = ++attempts[who];
          await rename(first, who);
          if (attempt === 1) await both();
          await rename(second, who);
        });
      await Promise.all([crossing('first', one.task.id, two.task.id), crossing('second', two.task.id, one.task.id)]);
      const titles = await Promise.all(
        [one, two].map(async ({ task }) => (await rows.TaskRepository.findById(task.id))!.title),
      );
      expect(titles[0]).toBe(titles[1]);
      expect(attempts.first + attempts.second).toBe(name === 'SQLite' ? 2 : 3);
    });
  });
}

const skipReason = await mariadbSkipReason();

unitOfWorkContract('SQLite', sqliteDatabase);

describe.skipIf(skipReason)(`MariaDB${skipReason ? ` (${skipReason})` : ''}`, () => {
  unitOfWorkContract('MariaDB', mariadbDatabase);
});
