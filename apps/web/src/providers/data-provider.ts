import type { DataProvider, RaRecord } from 'react-admin';
import { api } from './http';

interface ListParams {
  pagination?: { page: number; perPage: number };
  sort?: { field: string; order: 'ASC' | 'DESC' };
  filter?: Record<string, unknown>;
}

/** Returns the query string of a list. A filter with several values is repeated once per value. */
export function listQuery({ pagination = { page: 1, perPage: 25 }, sort, filter = {} }: ListParams): string {
  const query = new URLSearchParams({
    page: String(pagination.page),
    perPage: String(Math.min(pagination.perPage, 200)),
  });
  if (sort && sort.field !== 'id') {
    query.set('sort', sort.field);
    query.set('order', sort.order);
  }
  for (const [name, value] of Object.entries(filter)) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value])
      if (item !== undefined && item !== null && item !== '') query.append(name, String(item));
  }
  return query.toString();
}

const list = (resource: string, params: ListParams) =>
  api<{ data: RaRecord[]; total: number }>('GET', `/${resource}?${listQuery(params)}`);
const getOne = (resource: string, id: unknown) => api<RaRecord>('GET', `/${resource}/${String(id)}`);

/** Returns null if the record does not exist or the user cannot read it, so that references to it stay empty. */
const getOneOrNull = (resource: string, id: unknown) =>
  getOne(resource, id).catch((error: { status?: number }) => {
    if (error.status === 404 || error.status === 403) return null;
    throw error;
  });

/** Returns the changed fields only: the API rejects unknown and read-only fields. */
function changedFields(data: Record<string, unknown>, previous: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(previous[key])),
  );
}

function withoutEmpty(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  );
}

export const dataProvider = {
  getList: (resource: string, params: ListParams) => list(resource, params),
  getOne: async (resource: string, { id }: { id: unknown }) => ({ data: await getOne(resource, id) }),
  getMany: async (resource: string, { ids }: { ids: unknown[] }) => ({
    data: (await Promise.all(ids.map((id) => getOneOrNull(resource, id)))).filter((row) => row !== null),
  }),
  getManyReference: (resource: string, params: ListParams & { target: string; id: unknown }) =>
    list(resource, { ...params, filter: { ...params.filter, [params.target]: params.id } }),
  create: async (resource: string, { data }: { data: Record<string, unknown> }) => ({
    data: await api<RaRecord>('POST', `/${resource}`, withoutEmpty(data)),
  }),
  update: async (
    resource: string,
    { id, data, previousData }: { id: unknown; data: Record<string, unknown>; previousData: Record<string, unknown> },
  ) => ({
    data: await api<RaRecord>('PATCH', `/${resource}/${String(id)}`, changedFields(data, previousData)),
  }),
  updateMany: async (resource: string, { ids, data }: { ids: unknown[]; data: unknown }) => {
    await Promise.all(ids.map((id) => api('PATCH', `/${resource}/${String(id)}`, data)));
    return { data: ids };
  },
  delete: async (resource: string, { id }: { id: unknown }) => {
    await api('DELETE', `/${resource}/${String(id)}`);
    return { data: { id } };
  },
  deleteMany: async (resource: string, { ids }: { ids: unknown[] }) => {
    await Promise.all(ids.map((id) => api('DELETE', `/${resource}/${String(id)}`)));
    return { data: ids };
  },
} as unknown as DataProvider;
