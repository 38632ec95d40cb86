import { Box, Button, MenuItem, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { useCanAccess, useGetList, useNotify, useRefresh } from 'react-admin';
import { api, type Repository, type RepositoryGrant, type Role } from '../../providers/http';
import { RowList } from '../../shared/RowList';
import { dateTime } from '../../shared/format';

const everything = { pagination: { page: 1, perPage: 200 }, sort: { field: 'name', order: 'ASC' as const } };

/** Roles of a user on single repositories. */
export const RepositoryGrants = ({ userId }: { userId: string }) => {
  const { canAccess: mayRead } = useCanAccess({ resource: 'repository-grants', action: 'list' });
  return mayRead ? <GrantList userId={userId} /> : null;
};

const GrantList = ({ userId }: { userId: string }) => {
  const notify = useNotify();
  const refresh = useRefresh();
  const { data: grants = [] } = useGetList<RepositoryGrant>('repository-grants', {
    pagination: everything.pagination,
    filter: { userId },
  });
  const { data: repositories = [] } = useGetList<Repository>('repositories', everything);
  const { canAccess: mayCreate } = useCanAccess({ resource: 'repository-grants', action: 'create' });
  const act = async (work: Promise<unknown>, done: string) => {
    await work.then(
      () => notify(done),
      (error: Error) => notify(error.message, { type: 'error' }),
    );
    refresh();
  };
  const nameOf = (id: string) => repositories.find((repository) => repository.id === id)?.name ?? id;
  return (
    <section>
      <Typography variant="h6" component="h2">
        On single repositories
      </Typography>
      <RowList
        rows={grants.map(({ id, repositoryId, role, createdAt }) => ({
          id,
          primary: `${role} on ${nameOf(repositoryId)}`,
          secondary: `since ${dateTime(createdAt)}`,
          action: 'Take away',
        }))}
        empty="Nothing granted."
        onAction={(id) => void act(api('DELETE', `/repository-grants/${id}`), 'The role was taken away.')}
      />
      {mayCreate && (
        <NewGrant
          repositories={repositories.filter(({ id }) => !grants.some(({ repositoryId }) => repositoryId === id))}
          onGrant={(input) =>
            void act(api('POST', '/repository-grants', { userId, ...input }), 'The role was granted.')
          }
        />
      )}
    </section>
  );
};

interface NewGrantProps {
  repositories: Repository[];
  onGrant: (input: { repositoryId: string; role: string }) => void;
}

const NewGrant = ({ repositories, onGrant }: NewGrantProps) => {
  const { data: roles = [] } = useGetList<Role>('roles', everything);
  const [repositoryId, setRepository] = useState('');
  const [role, setRole] = useState('developer');
  if (repositories.length === 0) return null;
  const chosen = repositories.some(({ id }) => id === repositoryId) ? repositoryId : '';
  return (
    <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center', mt: 1 }}>
      <TextField
        select
        label="Repository"
        value={chosen}
        onChange={(event) => setRepository(event.target.value)}
        sx={{ minWidth: 180 }}
      >
        {repositories.map(({ id, name }) => (
          <MenuItem key={id} value={id}>
            {name}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        select
        label="Role"
        value={roles.some(({ name }) => name === role) ? role : ''}
        onChange={(event) => setRole(event.target.value)}
        sx={{ minWidth: 140 }}
      >
        {roles.map(({ name }) => (
          <MenuItem key={name} value={name}>
            {name}
          </MenuItem>
        ))}
      </TextField>
      <Button variant="outlined" disabled={!chosen} onClick={() => onGrant({ repositoryId: chosen, role })}>
        Grant
      </Button>
    </Box>
  );
};
