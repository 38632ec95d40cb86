import { useQuery } from '@tanstack/react-query';
import { api, type Schemas } from '../providers/http';

export function useDashboard() {
  return useQuery({ queryKey: ['dashboard'], queryFn: () => api<Schemas['DashboardDto']>('GET', '/dashboard') });
}
