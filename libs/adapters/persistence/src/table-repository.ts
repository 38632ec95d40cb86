import type { ListQuery, Page } from '@teko/contracts';
import { ConflictError, InvalidError, NotFoundError } from '@teko/domain';
import { Brackets, type EntityManager, type FindOptionsWhere, type ObjectLiteral, QueryFailedError } from 'typeorm';
import type { Store } from './store';

const NUMBER_TRIES = 20;

/** What the list of a table can sort by, filter by and search in. */
export interface ListShape {
  sort: string[];
  filters: string[];
  search?: string[];
}

/** Whether a write was refused because it breaks a unique key. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code, message } = error.driverError as { code?: string; message?: string };
  return code === 'ER_DUP_ENTRY' || /UNIQUE constraint failed/i.test(message ?? '');
}

/** What every table's repository needs: insert, patch, find and paged lists of plain rows. */
export class TableRepository<T extends ObjectLiteral & { id: string | number }> {
  constructor(
    protected readonly store: Store,
    protected readonly table: string,
    private readonly noun: string,
    private readonly listShape: ListShape = { sort: [], filters: [] },
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
    const [data, total] = await this.store.query((manager) => this.select(manager, query).getManyAndCount());
    return { data: data as T[], total };
  }

  /** How many rows there are for each value of `status`. */
  async countByStatus(): Promise<Record<string, number>> {
    const rows = await this.store.query((manager) =>
      manager
        .createQueryBuilder(this.table, 'row')
        .select('row.status', 'status')
        .addSelect('COUNT(*)', 'count')
        .groupBy('row.status')
        .getRawMany<{ status: string; count: string }>(),
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
  }

  protected add(row: T): Promise<void> {
    return this.store.query((manager) => this.addWith(manager, row));
  }

  protected async addWith(manager: EntityManager, row: T): Promise<void> {
    try {
      await manager.insert(this.table, row);
    } catch (error) {
      if (isUniqueViolation(error)) throw new ConflictError(`this ${this.noun} exists already`);
      throw error;
    }
  }

  /** Stores the row unless one with the same key is there; answers the stored one. */
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

  /** Gives `column` the next whole number, counted within `scope`, and lets `store` write it; tries again when another writer took it. */
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
        const raced = isUniqueViolation(error) || isLockConflict(error);
        if (!raced || attempt === NUMBER_TRIES) throw error;
      }
    }
  }

  protected async one(where: FindOptionsWhere<T>): Promise<T | null> {
    return this.store.query((manager) => manager.findOne<T>(this.table, { where }));
  }

  protected many(where: FindOptionsWhere<T>, order: Record<string, 'ASC' | 'DESC'>, take?: number): Promise<T[]> {
    return this.store.query((manager) => manager.find<T>(this.table, { where, order: order as never, take }));
  }

  protected async patch(manager: EntityManager, id: string, patch: Partial<T>): Promise<void> {
    const columns = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    if (Object.keys(columns).length > 0) await manager.update(this.table, { id }, columns);
  }

  protected async requireRow(manager: EntityManager, id: string): Promise<T> {
    const row = await manager.findOne<T>(this.table, { where: { id } as unknown as FindOptionsWhere<T> });
    if (!row) throw new NotFoundError(this.noun, id);
    return row;
  }

  private check(query: ListQuery): void {
    const { sort, filters } = this.listShape;
    if (!sort.includes(query.sort)) throw new InvalidError({ sort: `must be one of ${sort.join(', ')}` });
    for (const name of Object.keys(query.filters)) {
      if (!filters.includes(name))
        throw new InvalidError({ [name]: `is not a filter here; use one of ${filters.join(', ')}` });
    }
  }

  private select(manager: EntityManager, query: ListQuery) {
    const select = manager.createQueryBuilder(this.table, 'row');
    for (const [name, values] of Object.entries(query.filters)) {
      select.andWhere(`row.${name} IN (:...${name})`, { [name]: values.map(filterValue) });
    }
    const { search = [] } = this.listShape;
    if (query.q && search.length > 0) {
      const pattern = `%${query.q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
      const escape = this.store.dataSource.options.type === 'better-sqlite3' ? "ESCAPE '\\'" : '';
      select.andWhere(
        new Brackets((or) =>
          search.forEach((name) => or.orWhere(`LOWER(row.${name}) LIKE :pattern ${escape}`, { pattern })),
        ),
      );
    }
    return select
      .orderBy(`row.${query.sort}`, query.order)
      .addOrderBy('row.id', query.order)
      .skip((query.page - 1) * query.perPage)
      .take(query.perPage);
  }
}

function filterValue(value: string): string | number {
  return value === 'true' ? 1 : value === 'false' ? 0 : value;
}

function isLockConflict(error: unknown): boolean {
  return (
    error instanceof QueryFailedError &&
    ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT'].includes((error.driverError as { code?: string }).code ?? '')
  );
}
