import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNotify } from 'react-admin';
import { api } from '../providers/http';

/** Loads rows that belong to the user, with a function that deletes one. */
export function useOwnRows<T>(resource: 'accounts' | 'sessions' | 'api-tokens', removed: string) {
  const notify = useNotify();
  const client = useQueryClient();
  const query = useQuery({ queryKey: [resource], queryFn: () => api<{ data: T[] }>('GET', `/${resource}`) });
  const { mutate: remove } = useMutation({
    mutationFn: (id: string) => api('DELETE', `/${resource}/${id}`),
    onSuccess: () => notify(removed),
    onError: (error: Error) => notify(error.message, { type: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: [resource] }),
  });
  return { rows: query.data?.data ?? [], loading: query.isPending, error: query.error, remove };
}
