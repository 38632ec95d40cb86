import { randomUUID } from 'node:crypto';
import { ConflictError, type Budget, type BudgetReservation } from '@teko/domain';
import { afterEach, expect, it } from 'vitest';
import { describePort, listQuery, type MakeRepositories } from './fixture';

const AT = new Date('2026-03-15T12:00:00.000Z');

function aBudget(overrides: Partial<Budget>): Budget {
  const stamps = { createdAt: AT, updatedAt: AT };
  return {
    id: randomUUID(),
    scope: 'repository',
    scopeId: '',
    period: 'total',
    limitMicros: 100,
    ...stamps,
    ...overrides,
  };
}

function aBudgetReservation(overrides: Partial<BudgetReservation> = {}): BudgetReservation {
  return {
    id: randomUUID(),
    runId: randomUUID(),
    taskId: randomUUID(),
    repositoryId: randomUUID(),
    userId: randomUUID(),
    agentType: 'implementation',
    micros: 40,
    settled: false,
    createdAt: AT,
    ...overrides,
  };
}

/** The contract of BudgetRepository. */
export function budgetContract(name: string, make: MakeRepositories): void {
  describePort('BudgetRepository', name, make, (get) => {
    const port = () => get().repositories.BudgetRepository;
    const created: Budget[] = [];
    const budget = async (overrides: Partial<Budget>) => {
      const row = aBudget(overrides);
      await port().insert(row);
      created.push(row);
      return row;
    };
    // A remaining budget would also apply to the next test.
    afterEach(async () => {
      for (const { id } of created.splice(0)) await port().delete(id);
    });

    it('is not exceeded by concurrent reservations', async () => {
      const repositoryId = randomUUID();
      const row = await budget({ scopeId: repositoryId });
      const asked = await Promise.all(
        Array.from({ length: 12 }, () => port().reserve(aBudgetReservation({ repositoryId }))),
      );
      expect(asked.filter((answer) => answer === null)).toHaveLength(2);
      expect(asked.find(Boolean)).toEqual(row);
      expect(await port().usedMicros(row, AT)).toBe(80);
    });

    it('releases the unused part of a reservation when it is settled', async () => {
      const repositoryId = randomUUID();
      const row = await budget({ scopeId: repositoryId });
      const spending = aBudgetReservation({ repositoryId, micros: 100 });
      expect(await port().reserve(spending)).toBeNull();
      expect(await port().reserve(aBudgetReservation({ repositoryId, micros: 1 }))).toEqual(row);
      await port().settle(spending.id, 30);
      expect(await port().usedMicros(row, AT)).toBe(30);
      expect(await port().reserve(aBudgetReservation({ repositoryId, micros: 70 }))).toBeNull();
    });

    it('applies to each scope separately without a scope id, and only to one scope with an id', async () => {
      const [each, own] = [
        await budget({ scope: 'user' }),
        await budget({ scope: 'task', scopeId: randomUUID(), limitMicros: 10 }),
      ];
      const [ada, grace] = [randomUUID(), randomUUID()];
      for (const userId of [ada, grace]) {
        expect(await port().reserve(aBudgetReservation({ userId }))).toBeNull();
        expect(await port().reserve(aBudgetReservation({ userId }))).toBeNull();
        expect(await port().reserve(aBudgetReservation({ userId }))).toEqual(each);
      }
      expect(await port().reserve(aBudgetReservation({ userId: null }))).toBeNull();
      expect(await port().reserve(aBudgetReservation({ taskId: own.scopeId }))).toEqual(own);
      expect(await port().usedMicros(each, AT)).toBeNull();
      expect(await port().findApplicable(aBudgetReservation({ taskId: own.scopeId, userId: null }))).toEqual([own]);
    });

    it('starts again each month in UTC', async () => {
      const repositoryId = randomUUID();
      const row = await budget({ scopeId: repositoryId, period: 'month' });
      const at = (text: string) => aBudgetReservation({ repositoryId, micros: 90, createdAt: new Date(text) });
      expect(await port().reserve(at('2026-02-28T23:59:59.999Z'))).toBeNull();
      expect(await port().reserve(at('2026-03-01T00:00:00.000Z'))).toBeNull();
      expect(await port().reserve(at('2026-03-31T23:59:59.999Z'))).toEqual(row);
      expect(await port().usedMicros(row, AT)).toBe(90);
    });

    it('is unique per scope and period and can be updated', async () => {
      const row = await budget({ scope: 'run', limitMicros: 5_000_000_000 });
      await expect(port().insert({ ...row, id: randomUUID() })).rejects.toThrow(ConflictError);
      expect(await port().update(row.id, { limitMicros: 7 })).toMatchObject({ limitMicros: 7, scope: 'run' });
      expect((await port().list(listQuery({ filters: { scope: ['run'] } }))).total).toBe(1);
      expect((await port().findById(row.id))?.limitMicros).toBe(7);
    });
  });
}
