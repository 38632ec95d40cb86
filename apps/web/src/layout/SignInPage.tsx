import { Alert, Box, Button, Card, CardContent, Divider, TextField, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { Notification, useLogin } from 'react-admin';
import { useSearchParams } from 'react-router-dom';
import { api, type SignInMethods } from '../providers/http';
import { PROVIDER_NAMES } from '../shared/providers';

const ERRORS: Record<string, string> = {
  unverified: 'You have no verified email address at this provider. Verify one there and try again.',
  not_allowed: 'You are not allowed to sign in. Ask an admin to add you with this email address.',
  disabled: 'Your user is disabled. Contact an admin.',
  exists:
    'A user with this email address already exists. Sign in the way you did before, then link this account in your profile.',
  taken: 'This account is linked to another user.',
  signed_out: 'You were signed out in the meantime. Sign in and link the account again.',
  failed: 'Sign-in failed. Try again.',
  unavailable: 'The provider is not responding. Try again later or sign in another way.',
};

/** Offers all sign-in methods. Opening a one-time link signs in at once. */
export const SignInPage = () => {
  const [query] = useSearchParams();
  const fromLink = query.get('token') ?? '';
  const refused = query.get('refused');
  const [error, setError] = useState(refused ? (ERRORS[refused] ?? ERRORS.failed!) : '');
  const [busy, setBusy] = useState(false);
  const tried = useRef(false);
  const login = useLogin();
  const { data: methods } = useQuery({
    queryKey: ['sign-in-methods'],
    queryFn: () => api<SignInMethods>('GET', '/sign-in-methods'),
  });

  const signIn = (input: { token: string } | { email: string; password: string }) => {
    setBusy(true);
    setError('');
    login(input, '/')
      .catch((failure: Error) => setError(failure.message))
      .finally(() => setBusy(false));
  };
  useEffect(() => {
    if (!fromLink || tried.current) return;
    tried.current = true;
    signIn({ token: fromLink });
  });

  return (
    <Box
      sx={{ minHeight: '100vh', display: 'grid', placeItems: 'center', p: 2, bgcolor: 'background.default' }}
      component="main"
    >
      <Card sx={{ width: '100%', maxWidth: 420 }}>
        <CardContent sx={{ display: 'grid', gap: 2 }}>
          <Typography variant="h5" component="h1">
            Sign in to Teko
          </Typography>
          {error && <Alert severity="error">{error}</Alert>}
          {methods?.providers.map((provider) => (
            <Button key={provider} variant="outlined" href={`/auth/${provider}`}>
              Continue with {PROVIDER_NAMES[provider]}
            </Button>
          ))}
          {methods && methods.providers.length > 0 && <Divider>or</Divider>}
          {methods?.password && <PasswordForm busy={busy} onSubmit={signIn} />}
          {methods?.password && <Divider>or</Divider>}
          <LinkForm initial={fromLink} busy={busy} onSubmit={signIn} />
        </CardContent>
      </Card>
      <Notification />
    </Box>
  );
};

const PasswordForm = ({
  busy,
  onSubmit,
}: {
  busy: boolean;
  onSubmit: (input: { email: string; password: string }) => void;
}) => {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({ email, password });
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: 'grid', gap: 2 }}>
      <TextField
        label="Email"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        autoComplete="username"
      />
      <TextField
        label="Password"
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="current-password"
      />
      <Button type="submit" variant="contained" disabled={busy || !email || !password}>
        Sign in
      </Button>
    </Box>
  );
};

const LinkForm = ({
  initial,
  busy,
  onSubmit,
}: {
  initial: string;
  busy: boolean;
  onSubmit: (input: { token: string }) => void;
}) => {
  const [link, setLink] = useState(initial);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Accept the whole link or only its token.
    onSubmit({ token: /token=([^&\s]+)/.exec(link)?.[1] ?? link.trim() });
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: 'grid', gap: 1 }}>
      <TextField
        label="One-time link"
        value={link}
        onChange={(event) => setLink(event.target.value)}
        autoComplete="off"
        helperText="Printed by npm start, or created by an admin"
      />
      <Button type="submit" variant="outlined" disabled={busy || link.trim() === ''}>
        {busy ? 'Signing in …' : 'Sign in with link'}
      </Button>
    </Box>
  );
};
