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
  const [errors, setErrors] = useState<Record<string, string>>({});
  const notify = useNotify();
  const client = useQueryClient();
  const hasPassword = me?.user.hasPassword;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setErrors({});
    try {
      await api('PUT', '/me/password', { newPassword, ...(hasPassword && { currentPassword }) });
      notify('Password saved. Your other sessions were ended.');
      setCurrent('');
      setNew('');
      await client.invalidateQueries();
    } catch (failure) {
      const { body, message } = failure as Error & { body?: { errors?: Record<string, string> } };
      setErrors(body?.errors ?? { newPassword: message });
    }
  };
  return (
    <Section
      title="Password"
      hint={
        me?.user.email
          ? `For signing in as ${me.user.email}.`
          : 'You have no email address yet. Ask an admin to add one.'
      }
      loading={isPending}
      error={error}
    >
      <Box component="form" onSubmit={(event) => void submit(event)} sx={{ display: 'grid', gap: 1.5, maxWidth: 420 }}>
        {hasPassword && (
          <TextField
            label="Current password"
            type="password"
            value={currentPassword}
            onChange={(event) => setCurrent(event.target.value)}
            error={Boolean(errors.currentPassword)}
            helperText={errors.currentPassword}
            autoComplete="current-password"
          />
        )}
        <TextField
          label="New password"
          type="password"
          value={newPassword}
          onChange={(event) => setNew(event.target.value)}
          error={Boolean(errors.newPassword)}
          helperText={errors.newPassword ?? 'At least 12 characters'}
          autoComplete="new-password"
        />
        <Button type="submit" variant="contained" disabled={!newPassword} sx={{ justifySelf: 'start' }}>
          {hasPassword ? 'Change password' : 'Set password'}
        </Button>
      </Box>
    </Section>
  );
};
