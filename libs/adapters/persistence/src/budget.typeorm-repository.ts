import { countedFor, countedWith, type Budget, type BudgetRepository, type BudgetReservation } from '@teko/domain';
import type { EntityManager } from 'typeorm';
import type { Store } from './store';
import { TableRepository } from './table-repository';

export class TypeormBudgetRepository extends TableRepository<Budget> implements BudgetRepository {
  constructor(store: Store) {
    super(store, 'budgets', 'budget', {
      sort: ['createdAt', 'scope', 'limitMicros'],
      filters: ['scope', 'scopeId', 'period'],
    });
  }

  override async insert(budget: Budget): Promise<void> {
    await this.add(budget);
  }

  /** Those who spend from the same budget take turns on its row, so that the sum holds until the money is put aside. */
  reserve(spending: BudgetReservation): Promise<Budget | null> {
    return this.store.transaction(async (manager) => {
      for (const budget of await this.locked(manager)) {
        const counted = countedWith(budget, spending);
        if (!counted) continue;
        const spent = await sum(manager, counted);
        if (spent + spending.micros > budget.limitMicros) return budget;
      }
      await manager.insert('budget_reservations', { ...spending });
      return null;
    });
  }

  async settle(spendingId: string, micros: number): Promise<void> {
    await this.store.query((manager) =>
      manager.update('budget_reservations', { id: spendingId }, { micros, settled: true }),
    );
  }

  async findFor(spending: Omit<BudgetReservation, 'id' | 'micros' | 'settled'>): Promise<Budget[]> {
    return (await this.many({}, { id: 'ASC' })).filter((budget) => countedWith(budget, spending) !== null);
  }

  async usedMicros(budget: Budget, now: Date): Promise<number | null> {
    const counted = countedFor(budget, now);
    return counted && this.store.query((manager) => sum(manager, counted));
  }

  private locked(manager: EntityManager): Promise<Budget[]> {
    const lock = this.store.serial ? undefined : { mode: 'pessimistic_write' as const };
    return manager.find<Budget>('budgets', { order: { id: 'ASC' }, lock });
  }
}

async function sum(manager: EntityManager, { where, since }: { where: Partial<BudgetReservation>; since: Date }) {
  const select = manager.createQueryBuilder('budget_reservations', 'row').select('SUM(row.micros)', 'sum');
  select.where('row.createdAt >= :since', { since });
  for (const [column, value] of Object.entries(where)) select.andWhere(`row.${column} = :value`, { value });
  return Number((await select.getRawOne<{ sum: string | null }>())?.sum ?? 0);
}
