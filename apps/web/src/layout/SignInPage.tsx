import { Alert, Box, Button, Card, CardContent, TextField, Typography } from '@mui/material';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { Notification, useLogin } from 'react-admin';
import { useSearchParams } from 'react-router-dom';

/** Signs in with the token of a one-time link, at once when the link itself was opened. */
export const SignInPage = () => {
  const [query] = useSearchParams();
  const fromLink = query.get('token') ?? '';
  const [token, setToken] = useState(fromLink);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const tried = useRef(false);
  const login = useLogin();

  const signIn = (value: string) => {
    setBusy(true);
    setError('');
    // Whoever pastes the whole link means its token.
    const plain = /token=([^&\s]+)/.exec(value)?.[1] ?? value.trim();
    login({ token: plain }, '/')
      .catch((fault: Error) => setError(fault.message))
      .finally(() => setBusy(false));
  };
  useEffect(() => {
    if (!fromLink || tried.current) return;
    tried.current = true;
    signIn(fromLink);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn(token);
  };

  return (
    <Box
      sx={{ minHeight: '100vh', display: 'grid', placeItems: 'center', p: 2, bgcolor: 'background.default' }}
      component="main"
    >
      <Card sx={{ width: '100%', maxWidth: 420 }}>
        <CardContent component="form" onSubmit={submit} sx={{ display: 'grid', gap: 2 }}>
          <Typography variant="h5" component="h1">
            Sign in to Teko
          </Typography>
          <Typography color="text.secondary">
            Open the one-time link that npm start printed, or paste it here. Each start prints a new one.
          </Typography>
          {error && <Alert severity="error">{error}</Alert>}
          <TextField
            label="One-time link"
            value={token}
            onChange={(event) => setToken(event.target.value)}
            autoFocus
            fullWidth
            autoComplete="off"
          />
          <Button type="submit" variant="contained" disabled={busy || token.trim() === ''}>
            {busy ? 'Signing in …' : 'Sign in'}
          </Button>
        </CardContent>
      </Card>
      <Notification />
    </Box>
  );
};
