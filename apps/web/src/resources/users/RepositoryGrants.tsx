import { Box, Button, MenuItem, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { useCanAccess, useGetList, useNotify, useRefresh } from 'react-admin';
import { api, type Repository, type RepositoryGrant, type Role } from '../../providers/http';
import { RowList } from '../../shared/RowList';
import { dateTime } from '../../shared/format';

const ALL = { pagination: { page: 1, perPage: 200 }, sort: { field: 'name', order: 'ASC' as const } };

/** Lists the roles that a user has on individual repositories. */
export const RepositoryGrants = ({ userId }: { userId: string }) => {
  const { canAccess: canRead } = useCanAccess({ resource: 'repository-grants', action: 'list' });
  return canRead ? <GrantList userId={userId} /> : null;
};

const GrantList = ({ userId }: { userId: string }) => {
  const notify = useNotify();
  const refresh = useRefresh();
  const { data: grants = [] } = useGetList<RepositoryGrant>('repository-grants', {
    pagination: ALL.pagination,
    filter: { userId },
  });
  const { data: repositories = [] } = useGetList<Repository>('repositories', ALL);
  const { canAccess: canCreate } = useCanAccess({ resource: 'repository-grants', action: 'create' });
  const notifyAfter = async (request: Promise<unknown>, done: string) => {
    await request.then(
      () => notify(done),
      (error: Error) => notify(error.message, { type: 'error' }),
    );
    refresh();
  };
  const nameOf = (id: string) => repositories.find((repository) => repository.id === id)?.name ?? id;
  return (
    <section>
      <Typography variant="h6" component="h2">
        Repository roles
      </Typography>
      <RowList
        rows={grants.map(({ id, repositoryId, role, createdAt }) => ({
          id,
          primary: `${role} on ${nameOf(repositoryId)}`,
          secondary: `since ${dateTime(createdAt)}`,
          action: 'Revoke',
        }))}
        empty="No repository roles."
        onAction={(id) => void notifyAfter(api('DELETE', `/repository-grants/${id}`), 'Role revoked.')}
      />
      {canCreate && (
        <NewGrant
          repositories={repositories.filter(({ id }) => !grants.some(({ repositoryId }) => repositoryId === id))}
          onGrant={(input) =>
            void notifyAfter(api('POST', '/repository-grants', { userId, ...input }), 'Role granted.')
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
  const { data: roles = [] } = useGetList<Role>('roles', ALL);
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
        Grant role
      </Button>
    </Box>
  );
};
