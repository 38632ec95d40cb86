/** Response of every list endpoint: one page of rows and the total number of rows. */
export interface Page<T> {
  data: T[];
  total: number;
}

/** Query of every list endpoint. `filters` holds exact matches by field; several values of one field mean "any of". */
export interface ListQuery {
  page: number;
  perPage: number;
  sort: string;
  order: 'ASC' | 'DESC';
  q?: string;
  filters: Record<string, string[]>;
  /** Only rows of these repositories; of all repositories if undefined. */
  within?: string[];
}

export const MAX_PER_PAGE = 200;
export const DEFAULT_PER_PAGE = 25;
