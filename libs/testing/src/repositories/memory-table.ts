import type { ListQuery, Page } from '@teko/contracts';
import { ConflictError, InvalidError, NotFoundError } from '@teko/domain';

interface ParentTable {
  readonly noun: string;
  has(id: string): boolean;
  onDelete(remove: (parentId: string) => void): void;
}

export interface TableOptions<T> {
  noun: string;
  /** Unique constraints. As in SQL, nulls are not equal. */
  unique?: (keyof T & string)[][];
  sort?: string[];
  filters?: string[];
  search?: (keyof T & string)[];
  /** Fields whose values are sorted by rank instead of alphabetically. */
  ranks?: Record<string, readonly string[]>;
  /** Boolean filters that test whether a field is set, by filter name. */
  isSet?: Record<string, keyof T & string>;
  /** Returns the id of the repository that a row belongs to. */
  repositoryOf?: (row: T) => string;
  /** The foreign key and the table it references. */
  parent?: [field: keyof T & string, table: ParentTable];
}

/** Rows by id. Rows are copied, so that callers cannot change stored ones. */
export class MemoryTable<T extends { id: string }> {
  private readonly rows = new Map<string, T>();
  private readonly children: ((parentId: string) => void)[] = [];
  /** For each unique constraint, the ids of the rows by value. */
  private readonly uniques: { fields: (keyof T & string)[]; ids: Map<string, string> }[];

  constructor(private readonly options: TableOptions<T>) {
    this.uniques = (options.unique ?? []).map((fields) => ({ fields, ids: new Map() }));
  }

  get noun(): string {
    return this.options.noun;
  }

  /** Calls `remove` for each deleted row, to delete its child rows. */
  onDelete(remove: (parentId: string) => void): void {
    this.children.push(remove);
  }

  has(id: string): boolean {
    return this.rows.has(id);
  }

  add(row: T): T {
    const { parent, noun } = this.options;
    if (this.rows.has(row.id) || this.hasConflict(row)) throw new ConflictError(`this ${noun} already exists`);
    if (parent && !parent[1].has(String(row[parent[0]])))
      throw new NotFoundError(parent[1].noun, String(row[parent[0]]));
    this.store(row);
    return structuredClone(row);
  }

  patch(id: string, patch: Partial<T>): T {
    const set = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    const row = { ...this.require(id), ...set };
    if (this.hasConflict(row)) throw new ConflictError(`this ${this.noun} already exists`);
    this.unindex(id);
    this.store(row);
    return row;
  }

  get(id: string): T | null {
    return structuredClone(this.rows.get(id) ?? null);
  }

  require(id: string): T {
    const row = this.get(id);
    if (!row) throw new NotFoundError(this.noun, id);
    return row;
  }

  delete(id: string): void {
    this.require(id);
    this.unindex(id);
    this.rows.delete(id);
    for (const remove of this.children) remove(id);
  }

  deleteWhere(test: (row: T) => boolean): void {
    for (const { id } of this.where(test)) this.delete(id);
  }

  find(test: (row: T) => boolean): T | null {
    for (const row of this.rows.values()) if (test(row)) return structuredClone(row);
    return null;
  }

  /** Returns the matching rows in order of insertion. */
  where(test: (row: T) => boolean = () => true): T[] {
    return this.select(test).map((row) => structuredClone(row));
  }

  /** Returns the highest `field` of the rows that pass `test`, plus one. */
  next(field: keyof T, test?: (row: T) => boolean): number {
    return this.select(test).reduce((highest, row) => Math.max(highest, Number(row[field])), 0) + 1;
  }

  countBy(field: keyof T, within?: string[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const row of this.select((one) => this.isWithin(one, within)))
      counts[String(row[field])] = (counts[String(row[field])] ?? 0) + 1;
    return counts;
  }

  list({ page, perPage, sort, order, q, filters, within }: ListQuery): Page<T> {
    const { sort: sorts = [], filters: known = [], search = [], ranks = {}, isSet = {} } = this.options;
    if (!sorts.includes(sort)) throw new InvalidError({ sort: `must be one of ${sorts.join(', ')}` });
    for (const name of Object.keys(filters))
      if (!known.includes(name))
        throw new InvalidError({ [name]: `is not a filter of this list; use one of ${known.join(', ')}` });
    const activeFilters = Object.entries(filters).filter(([, values]) => values.length > 0);
    const found = this.where(
      (row) =>
        this.isWithin(row, within) &&
        activeFilters.every(([name, values]) =>
          values.includes(String(isSet[name] ? row[isSet[name]] !== null : row[name as keyof T])),
        ) &&
        (!q || search.length === 0 || search.some((name) => contains(row[name], q))),
    );
    const key = (row: T) => {
      const value = row[sort as keyof T];
      return ranks[sort] ? ranks[sort].indexOf(String(value)) : value;
    };
    const direction = order === 'ASC' ? 1 : -1;
    found.sort((a, b) => direction * (compare(key(a), key(b)) || compare(a.id, b.id)));
    return { data: found.slice((page - 1) * perPage, page * perPage), total: found.length };
  }

  private isWithin(row: T, within: string[] | undefined): boolean {
    return within === undefined || within.includes(this.options.repositoryOf!(row));
  }

  /** Returns the stored rows, not copies, in order of insertion. */
  private select(test: (row: T) => boolean = () => true): T[] {
    const found: T[] = [];
    for (const row of this.rows.values()) if (test(row)) found.push(row);
    return found;
  }

  private store(row: T): void {
    this.rows.set(row.id, structuredClone(row));
    for (const { fields, ids } of this.uniques) {
      const key = keyOf(row, fields);
      if (key !== null) ids.set(key, row.id);
    }
  }

  private unindex(id: string): void {
    const row = this.rows.get(id)!;
    for (const { fields, ids } of this.uniques) {
      const key = keyOf(row, fields);
      if (key !== null) ids.delete(key);
    }
  }

  private hasConflict(row: T): boolean {
    return this.uniques.some(({ fields, ids }) => {
      const key = keyOf(row, fields);
      const owner = key === null ? undefined : ids.get(key);
      return owner !== undefined && owner !== row.id;
    });
  }
}

/** Returns a key of the values, or null if one of them is null. */
function keyOf<T>(row: T, fields: (keyof T & string)[]): string | null {
  const values = fields.map((field) => comparable(row[field]));
  return values.includes(null) ? null : JSON.stringify(values);
}

function contains(value: unknown, q: string): boolean {
  return String(value).toLowerCase().includes(q.toLowerCase());
}

/** Compares values like the databases: null first, then by value. */
export function compare(a: unknown, b: unknown): number {
  const [left, right] = [comparable(a), comparable(b)];
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
}

function comparable(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' ? value : String(value);
}

/** Creates a table whose rows are deleted with the parent row that `field` references. */
export function childTable<T extends { id: string }>(
  parent: ParentTable,
  field: keyof T & string,
  options: TableOptions<T>,
): MemoryTable<T> {
  const table = new MemoryTable<T>({ ...options, parent: [field, parent] });
  parent.onDelete((id) => table.deleteWhere((row) => row[field] === id));
  return table;
}
