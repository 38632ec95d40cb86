import { Alert, Box, Card, CardContent, Link, Skeleton, TablePagination, TextField, Typography } from '@mui/material';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Title } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { listQuery } from '../../providers/data-provider';
import { api, type ExternalRepository } from '../../providers/http';
import { ImportRow } from './ImportRow';

const PAGE_SIZES = [25, 50, 100];

/** Lists the repositories that Teko can access on GitHub, to be imported. */
export const ImportPage = () => {
  const [q, setQ] = useState('');
  const [page, setPage] = useState(1);
  const [perPage, setPerPage] = useState(PAGE_SIZES[0]!);
  const query = listQuery({ pagination: { page, perPage }, filter: { q: q.trim() } });
  const { data, error, isPending } = useQuery({
    queryKey: ['repositories', 'importable', query],
    queryFn: () =>
      api<{ data: ExternalRepository[]; total: number }>('GET', `/connections/github/repositories?${query}`),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const search = (text: string) => {
    setQ(text);
    setPage(1);
  };
  return (
    <Card sx={{ mt: 1 }}>
      <Title title="Import from GitHub" />
      <CardContent sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <TextField label="Search" type="search" value={q} onChange={(event) => search(event.target.value)} />
        {error && (
          <Alert severity="error">
            {error.message}{' '}
            <Link component={RouterLink} to="/connections">
              Check the connection
            </Link>
          </Alert>
        )}
        {isPending && <Skeleton variant="rounded" height={240} />}
        {data?.total === 0 && <NoRepositoriesFound isSearch={q.trim() !== ''} />}
        {data?.data.map((repository) => (
          <ImportRow key={repository.forgeId} repository={repository} />
        ))}
        {data && data.total > 0 && (
          <TablePagination
            component="div"
            sx={{
              '& .MuiTablePagination-selectLabel, & .MuiTablePagination-input': { display: { xs: 'none', sm: 'flex' } },
            }}
            count={data.total}
            page={page - 1}
            onPageChange={(_event, next) => setPage(next + 1)}
            rowsPerPage={perPage}
            rowsPerPageOptions={PAGE_SIZES}
            onRowsPerPageChange={(event) => {
              setPerPage(Number(event.target.value));
              setPage(1);
            }}
          />
        )}
      </CardContent>
    </Card>
  );
};

const NoRepositoriesFound = ({ isSearch }: { isSearch: boolean }) => (
  <Box>
    <Typography color="text.secondary">
      {isSearch
        ? 'No results. The search covers names and descriptions of repositories that Teko can access.'
        : 'Teko cannot access any repository yet. Install the GitHub App on your repositories or grant the token access to them.'}
    </Typography>
  </Box>
);
