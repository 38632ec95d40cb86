import { Box, Button, TextField } from '@mui/material';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNotify } from 'react-admin';
import { api, type Schemas } from '../providers/http';
import { Section } from '../shared/Section';

export const Password = () => {
  const {
    data: me,
    isPending,
    error,
  } = useQuery({ queryKey: ['me'], queryFn: () => api<Schemas['MeDto']>('GET', '/me') });
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const [faults, setFaults] = useState<Record<string, string>>({});
  const notify = useNotify();
  const client = useQueryClient();
  const has = me?.user.hasPassword;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFaults({});
    try {
      await api('PUT', '/me/password', { newPassword, ...(has && { currentPassword }) });
      notify('The password is set. Your other sessions have ended.');
      setCurrent('');
      setNew('');
      await client.invalidateQueries();
    } catch (fault) {
      const { body, message } = fault as Error & { body?: { errors?: Record<string, string> } };
      setFaults(body?.errors ?? { newPassword: message });
    }
  };
  return (
    <Section
      title="Password"
      hint={
        me?.user.email ? `To sign in as ${me.user.email}.` : 'You have no e-mail address yet; an admin can set one.'
      }
      loading={isPending}
      error={error}
    >
      <Box component="form" onSubmit={(event) => void submit(event)} sx={{ display: 'grid', gap: 1.5, maxWidth: 420 }}>
        {has && (
          <TextField
            label="Current password"
            type="password"
            value={currentPassword}
            onChange={(event) => setCurrent(event.target.value)}
            error={Boolean(faults.currentPassword)}
            helperText={faults.currentPassword}
            autoComplete="current-password"
          />
        )}
        <TextField
          label="New password"
          type="password"
          value={newPassword}
          onChange={(event) => setNew(event.target.value)}
          error={Boolean(faults.newPassword)}
          helperText={faults.newPassword ?? 'At least 12 characters'}
          autoComplete="new-password"
        />
        <Button type="submit" variant="contained" disabled={!newPassword} sx={{ justifySelf: 'start' }}>
          {has ? 'Change password' : 'Set password'}
        </Button>
      </Box>
    </Section>
  );
};
