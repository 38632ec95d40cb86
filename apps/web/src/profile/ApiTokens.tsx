import {
  Alert,
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  MenuItem,
  TextField,
} from '@mui/material';
import { ROLE_PERMISSIONS, type Permission } from '@teko/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api, type ApiToken, type Schemas } from '../providers/http';
import { dateTime } from '../shared/format';
import { PermissionMatrix } from '../resources/roles/PermissionMatrix';
import { useOwnRows } from './own-rows';
import { RowList } from '../shared/RowList';
import { Section } from '../shared/Section';

const DAYS = [7, 30, 90, 365];

export const ApiTokens = () => {
  const { rows, loading, error, remove } = useOwnRows<ApiToken>('api-tokens', 'Token revoked.');
  const [creating, setCreating] = useState(false);
  return (
    <Section
      title="API tokens"
      hint="For scripts and integrations: send “Authorization: Bearer teko_…”. A token never has more permissions than you."
      loading={loading}
      error={error}
    >
      <RowList
        rows={rows.map(({ id, name, prefix, scopes, expiresAt, lastUsedAt }) => ({
          id,
          primary: `${name} (${prefix}…)`,
          secondary: `${scopes.join(', ')}; expires ${dateTime(expiresAt)}, ${lastUsedAt ? `last used ${dateTime(lastUsedAt)}` : 'never used'}`,
          action: 'Revoke',
        }))}
        empty="No API tokens yet."
        onAction={remove}
      />
      <Button variant="outlined" sx={{ justifySelf: 'start' }} onClick={() => setCreating(true)}>
        New token
      </Button>
      {creating && <NewToken onClose={() => setCreating(false)} />}
    </Section>
  );
};

const NewToken = ({ onClose }: { onClose: () => void }) => {
  const [name, setName] = useState('');
  const [days, setDays] = useState(30);
  const [scopes, setScopes] = useState<Permission[]>(ROLE_PERMISSIONS.viewer);
  const [secret, setSecret] = useState('');
  const [error, setError] = useState('');
  const client = useQueryClient();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError('');
    try {
      const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString();
      const token = await api<Schemas['NewApiTokenDto']>('POST', '/api-tokens', { name, scopes, expiresAt });
      setSecret(token.secret);
      await client.invalidateQueries({ queryKey: ['api-tokens'] });
    } catch (failure) {
      setError((failure as Error).message);
    }
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="md">
      <DialogTitle>New API token</DialogTitle>
      {secret ? (
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <Alert severity="success">Copy the token now. It is not shown again.</Alert>
          <TextField label="Token" value={secret} slotProps={{ htmlInput: { readOnly: true } }} fullWidth />
        </DialogContent>
      ) : (
        <Box component="form" id="new-token" onSubmit={(event) => void submit(event)}>
          <DialogContent sx={{ display: 'grid', gap: 2 }}>
            {error && <Alert severity="error">{error}</Alert>}
            <TextField
              label="Name"
              value={name}
              onChange={(event) => setName(event.target.value)}
              required
              autoFocus
              sx={{ mt: 1 }}
            />
            <TextField select label="Expires in" value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {DAYS.map((count) => (
                <MenuItem key={count} value={count}>
                  {count} days
                </MenuItem>
              ))}
            </TextField>
            <PermissionMatrix value={scopes} onChange={setScopes} />
          </DialogContent>
        </Box>
      )}
      <DialogActions>
        <Button onClick={onClose}>{secret ? 'Done' : 'Cancel'}</Button>
        {!secret && (
          <Button type="submit" form="new-token" variant="contained" disabled={!name.trim() || scopes.length === 0}>
            Create token
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
};
