import { Alert, Box, Skeleton } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { Title } from 'react-admin';
import { api, type Connection } from '../../providers/http';
import { GithubConnection } from './GithubConnection';

/** Lists the external services that Teko works with, their setup and their diagnoses. */
export const ConnectionList = () => {
  const { data, error, isPending } = useQuery({
    queryKey: ['connections'],
    queryFn: () => api<{ data: Connection[] }>('GET', '/connections'),
  });
  return (
    <Box sx={{ display: 'grid', gap: 2, py: 1, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Title title="Connections" />
      {error && <Alert severity="error">{error.message}</Alert>}
      {isPending && <Skeleton variant="rounded" height={200} />}
      {data?.data.map((connection) => (
        <GithubConnection key={connection.id} connection={connection} />
      ))}
    </Box>
  );
};
