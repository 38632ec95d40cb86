import type { ListQuery, Page } from '@teko/contracts';
import { ConflictError, InvalidError, NotFoundError, LeaseLostError, type Lease } from '@teko/domain';
import {
  Brackets,
  type EntityManager,
  type FindOptionsWhere,
  type ObjectLiteral,
  QueryFailedError,
  type SelectQueryBuilder,
} from 'typeorm';
import type { Store } from './store';

const MAX_NUMBER_ATTEMPTS = 20;

/** What the list of a table can sort by, filter by and search in, and the parent of its rows. */
export interface Shape {
  sort?: string[];
  filters?: string[];
  search?: string[];
  /** Columns whose values sort by rank instead of alphabetically; lowest rank first. */
  ranks?: Record<string, readonly string[]>;
  /** Columns by the name of a filter that checks whether the column is set. */
  isSet?: Record<string, string>;
  /** SQL expression for the id of the row's repository. Without it, lists cannot be restricted to repositories. */
  repository?: string;
  /** Column with the parent's id, and the noun for the parent. */
  parent?: [column: string, noun: string];
}

/** Whether a write failed because of a unique key. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code, message } = error.driverError as { code?: string; message?: string };
  return code === 'ER_DUP_ENTRY' || /UNIQUE constraint failed/i.test(message ?? '');
}

/** Base class of the repositories: insert, update, find and paged lists of plain rows. */
export class TableRepository<T extends ObjectLiteral & { id: string | number }> {
  constructor(
    protected readonly store: Store,
    protected readonly table: string,
    private readonly noun: string,
    private readonly shape: Shape = {},
  ) {}

  async insert(row: T): Promise<unknown> {
    await this.add(row);
    return undefined;
  }

  async findById(id: string): Promise<T | null> {
    return this.one({ id } as unknown as FindOptionsWhere<T>);
  }

  async update(id: string, patch: Partial<T>): Promise<T> {
    return this.store.transaction(async (manager) => {
      await this.requireRow(manager, id);
      await this.patch(manager, id, patch);
      return this.requireRow(manager, id);
    });
  }

  async delete(id: string): Promise<void> {
    await this.store.query(async (manager) => {
      await this.requireRow(manager, id);
      await manager.delete(this.table, { id });
    });
  }

  async list(query: ListQuery): Promise<Page<T>> {
    this.check(query);
    const [data, total] = await this.store.read((manager) => this.select(manager, query).getManyAndCount());
    return { data: data as T[], total };
  }

  /** Returns the number of rows by `status`. */
  async countByStatus(within?: string[]): Promise<Record<string, number>> {
    const rows = await this.store.read((manager) =>
      this.restrictedTo(manager.createQueryBuilder<T>(this.table, 'row'), within)
        .select('row.status', 'status')
        .addSelect('COUNT(*)', 'count')
        .groupBy('row.status')
        .getRawMany<{ status: string; count: string }>(),
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
  }

  protected add(row: T): Promise<void> {
    return this.store.query((manager) => this.insertRow(manager, row));
  }

  /** Inserts within a transaction of the caller. */
  async insertRow(manager: EntityManager, row: T): Promise<void> {
    try {
      // A copy, because TypeORM writes generated values back into the object.
      await manager.insert(this.table, { ...row });
    } catch (error) {
      if (isUniqueViolation(error)) throw new ConflictError(`this ${this.noun} already exists`);
      const [column, parent] = this.shape.parent ?? [];
      if (parent && isMissingParent(error)) throw new NotFoundError(parent, String(row[column as keyof T]));
      throw error;
    }
  }

  /** Stores the row unless one with the same key exists. Returns the stored row. */
  protected async addOnce(row: T, key: FindOptionsWhere<T>): Promise<T> {
    try {
      await this.add(row);
      return row;
    } catch (error) {
      const stored = error instanceof ConflictError ? await this.one(key) : null;
      if (!stored) throw error;
      return stored;
    }
  }

  /** Calls `write` with the next number of `column` within `scope`. Retries if another writer used that number first. */
  protected async withNext<R>(
    column: string,
    scope: ObjectLiteral,
    write: (manager: EntityManager, next: number) => Promise<R>,
  ): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.store.transaction(async (manager) =>
          write(manager, ((await manager.maximum(this.table, column as never, scope)) ?? 0) + 1),
        );
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === MAX_NUMBER_ATTEMPTS) throw error;
      }
    }
  }

  protected async one(where: FindOptionsWhere<T>): Promise<T | null> {
    return this.store.read((manager) => manager.findOne<T>(this.table, { where }));
  }

  protected many(where: FindOptionsWhere<T>, order: Record<string, 'ASC' | 'DESC'>, take?: number): Promise<T[]> {
    return this.store.read((manager) => manager.find<T>(this.table, { where, order: order as never, take }));
  }

  protected async patch(manager: EntityManager, id: string, patch: Partial<T>): Promise<void> {
    const columns = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    if (Object.keys(columns).length === 0) return;
    try {
      await manager.update(this.table, { id }, columns);
    } catch (error) {
      throw isUniqueViolation(error) ? new ConflictError(`this ${this.noun} already exists`) : error;
    }
  }

  protected async requireRow(manager: EntityManager, id: string): Promise<T> {
    const row = await manager.findOne<T>(this.table, { where: { id } as unknown as FindOptionsWhere<T> });
    if (!row) throw new NotFoundError(this.noun, id);
    return row;
  }

  private restrictedTo(select: SelectQueryBuilder<T>, within: string[] | undefined): SelectQueryBuilder<T> {
    if (within === undefined) return select;
    const { repository } = this.shape;
    if (!repository) throw new Error(`${this.table} cannot be restricted to repositories`);
    return within.length === 0 ? select.where('1 = 0') : select.where(`${repository} IN (:...within)`, { within });
  }

  private check(query: ListQuery): void {
    const { sort = [], filters = [] } = this.shape;
    if (!sort.includes(query.sort)) throw new InvalidError({ sort: `must be one of ${sort.join(', ')}` });
    for (const name of Object.keys(query.filters)) {
      if (!filters.includes(name))
        throw new InvalidError({ [name]: `is not a filter of this list; use one of ${filters.join(', ')}` });
    }
  }

  private select(manager: EntityManager, query: ListQuery) {
    const select = this.restrictedTo(manager.createQueryBuilder<T>(this.table, 'row'), query.within);
    for (const [name, values] of Object.entries(query.filters)) {
      if (values.length === 0) continue;
      const column = this.shape.isSet?.[name];
      // Both values together mean no condition.
      if (column && new Set(values).size === 1)
        select.andWhere(`row.${column} IS ${values[0] === 'true' ? 'NOT ' : ''}NULL`);
      if (column) continue;
      select.andWhere(`row.${name} IN (:...${name})`, { [name]: values.map(filterValue) });
    }
    const { search = [], ranks = {} } = this.shape;
    if (query.q && search.length > 0) {
      const literal = query.q.replace(/[\\%_]/g, '\\$&');
      // SQLite's LIKE ignores the case of ASCII letters, and its LOWER converts no others.
      const like = this.store.serial
        ? (name: string) => `row.${name} LIKE :pattern ESCAPE '\\'`
        : (name: string) => `LOWER(row.${name}) LIKE LOWER(:pattern)`;
      select.andWhere(
        new Brackets((or) => search.forEach((name) => or.orWhere(like(name), { pattern: `%${literal}%` }))),
      );
    }
    const rank = ranks[query.sort];
    if (rank) {
      const cases = rank.map((word, i) => `WHEN '${word}' THEN ${i}`).join(' ');
      select.addSelect(`CASE row.${query.sort} ${cases} END`, 'sort_rank');
    }
    return select
      .orderBy(rank ? 'sort_rank' : `row.${query.sort}`, query.order)
      .addOrderBy('row.id', query.order)
      .skip((query.page - 1) * query.perPage)
      .take(query.perPage);
  }
}

function filterValue(value: string): string | number {
  return value === 'true' ? 1 : value === 'false' ? 0 : value;
}

function isMissingParent(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code, message } = error.driverError as { code?: string; message?: string };
  return code === 'ER_NO_REFERENCED_ROW_2' || /FOREIGN KEY constraint failed/i.test(message ?? '');
}

/** Throws LeaseLostError if the lease on the run is no longer valid. */
export async function requireLease(manager: EntityManager, { runId, owner, token }: Lease): Promise<void> {
  const isValid = await manager.existsBy('runs', { id: runId, leaseOwner: owner, leaseToken: token });
  if (!isValid) throw new LeaseLostError(runId);
}
