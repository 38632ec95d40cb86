import type { ListQuery, Page } from '@teko/contracts';
import type { Budget, BudgetReservation } from './budget';

/** Stores budgets, and the money that was spent and put aside. Scope, scopeId and period are unique together. */
export interface BudgetRepository {
  insert(budget: Budget): Promise<void>;
  update(id: string, patch: Partial<Budget>): Promise<Budget>;
  findById(id: string): Promise<Budget | null>;
  /** Sort: createdAt, scope, limitMicros. Filters: scope, scopeId, period. */
  list(query: ListQuery): Promise<Page<Budget>>;
  delete(id: string): Promise<void>;
  /**
   * In one transaction: puts the money aside if no budget would be passed, counting what others have put aside. Answers the
   * budget that stands in the way, or null.
   */
  reserve(spending: BudgetReservation): Promise<Budget | null>;
  /** What the call has cost after all. */
  settle(spendingId: string, micros: number): Promise<void>;
  /** Budgets that watch over such a spending. */
  findFor(spending: Omit<BudgetReservation, 'id' | 'micros' | 'settled'>): Promise<Budget[]>;
  /** Spent and put aside; null for a budget that is for each on its own. */
  usedMicros(budget: Budget, now: Date): Promise<number | null>;
}

export const BudgetRepository = Symbol('BudgetRepository');
