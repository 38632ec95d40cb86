import type { ListQuery, Page } from '@teko/contracts';
import type { Budget, BudgetReservation } from './budget';

/** Stores budgets and their reservations. Scope, scopeId and period are unique together. */
export interface BudgetRepository {
  insert(budget: Budget): Promise<void>;
  update(id: string, patch: Partial<Budget>): Promise<Budget>;
  findById(id: string): Promise<Budget | null>;
  /** Sort: createdAt, scope, limitMicros. Filters: scope, scopeId, period. */
  list(query: ListQuery): Promise<Page<Budget>>;
  delete(id: string): Promise<void>;
  /**
   * Stores the reservation unless it would exceed a budget; all existing reservations count. Runs in one transaction.
   * Returns the budget that would be exceeded, or null if the money is reserved.
   */
  reserve(reservation: BudgetReservation): Promise<Budget | null>;
  /** Replaces the reserved amount with the actual cost of the call, in millionths of a US dollar. */
  settle(reservationId: string, micros: number): Promise<void>;
  /** Returns the budgets that limit this reservation. */
  findApplicable(reservation: Omit<BudgetReservation, 'id' | 'micros' | 'settled'>): Promise<Budget[]>;
  /** Returns the amount spent and reserved in the current period, or null if the budget has an empty `scopeId`. */
  usedMicros(budget: Budget, now: Date): Promise<number | null>;
}

export const BudgetRepository = Symbol('BudgetRepository');
