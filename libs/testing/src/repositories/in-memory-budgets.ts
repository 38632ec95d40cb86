import { usageFilter, usageFilterFor, type Budget, type BudgetRepository, type BudgetReservation } from '@teko/domain';
import { MemoryTable } from './memory-table';

export function budgetRepository(): BudgetRepository {
  const table = new MemoryTable<Budget>({
    noun: 'budget',
    unique: [['scope', 'scopeId', 'period']],
    sort: ['createdAt', 'scope', 'limitMicros'],
    filters: ['scope', 'scopeId', 'period'],
  });
  const reservations = new MemoryTable<BudgetReservation>({ noun: 'budget reservation' });
  const sum = ({ where, since }: { where: Partial<BudgetReservation>; since: Date }) =>
    reservations
      .where(
        (row) =>
          row.createdAt >= since &&
          Object.entries(where).every(([key, value]) => row[key as keyof BudgetReservation] === value),
      )
      .reduce((total, { micros }) => total + micros, 0);
  return {
    insert: async (budget) => void table.add(budget),
    update: async (id, patch) => table.patch(id, patch),
    findById: async (id) => table.get(id),
    list: async (query) => table.list(query),
    delete: async (id) => table.delete(id),
    reserve: async (reservation) => {
      const passed = table.where().find((budget) => {
        const counted = usageFilterFor(budget, reservation);
        return counted && sum(counted) + reservation.micros > budget.limitMicros;
      });
      if (!passed) reservations.add(reservation);
      return passed ?? null;
    },
    settle: async (id, micros) => void reservations.patch(id, { micros, settled: true }),
    findApplicable: async (reservation) => table.where((budget) => usageFilterFor(budget, reservation) !== null),
    usedMicros: async (budget, now) => {
      const counted = usageFilter(budget, now);
      return counted && sum(counted);
    },
  };
}
