import { usageFilter, usageFilterFor, type Budget, type BudgetRepository, type BudgetReservation } from '@teko/domain';
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

  /** Locks the budgets, so that no other reservation is added between the check and the insert. */
  reserve(reservation: BudgetReservation): Promise<Budget | null> {
    return this.store.transaction(async (manager) => {
      for (const budget of await this.findLocked(manager)) {
        const filter = usageFilterFor(budget, reservation);
        if (!filter) continue;
        const spent = await sum(manager, filter);
        if (spent + reservation.micros > budget.limitMicros) return budget;
      }
      await manager.insert('budget_reservations', { ...reservation });
      return null;
    });
  }

  async settle(reservationId: string, micros: number): Promise<void> {
    await this.store.query((manager) =>
      manager.update('budget_reservations', { id: reservationId }, { micros, settled: true }),
    );
  }

  async findApplicable(reservation: Omit<BudgetReservation, 'id' | 'micros' | 'settled'>): Promise<Budget[]> {
    return (await this.many({}, { id: 'ASC' })).filter((budget) => usageFilterFor(budget, reservation) !== null);
  }

  async usedMicros(budget: Budget, now: Date): Promise<number | null> {
    const filter = usageFilter(budget, now);
    return filter && this.store.query((manager) => sum(manager, filter));
  }

  private findLocked(manager: EntityManager): Promise<Budget[]> {
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
