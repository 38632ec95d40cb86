import { Alert, Chip, Stack, Typography } from '@mui/material';
import LinkIcon from '@mui/icons-material/Link';
import { useState } from 'react';
import { EditButton, Show, TopToolbar, useShowContext } from 'react-admin';
import type { Schemas, User } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { dateTime } from '../../shared/format';
import { RepositoryGrants } from './RepositoryGrants';

export const UserShow = () => (
  <Show
    actions={
      <TopToolbar>
        <EditButton />
      </TopToolbar>
    }
    sx={{ '& .RaShow-card': { p: 2 } }}
  >
    <UserDetails />
  </Show>
);

const UserDetails = () => {
  const { record: user } = useShowContext<User>();
  const [link, setLink] = useState<Schemas['SignInLinkDto'] | null>(null);
  if (!user) return null;
  return (
    <Stack spacing={2}>
      <Typography variant="h5" component="h1">
        {user.name} {user.disabled && <Chip label="disabled" color="error" size="small" />}
      </Typography>
      <Typography color="text.secondary">
        {user.email ?? 'no email address'}, added {dateTime(user.createdAt)}, {user.hasPassword ? 'has' : 'has no'}{' '}
        password
      </Typography>
      <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap' }}>
        {user.roles.map((role) => (
          <Chip key={role} label={role} size="small" variant="outlined" />
        ))}
        {user.roles.length === 0 && <Typography>No global roles.</Typography>}
      </Stack>
      {!user.disabled && (
        <div>
          <ActionButton
            label="Create sign-in link"
            icon={<LinkIcon />}
            path={`/users/${user.id}/sign-in-links`}
            permission={{ resource: 'users', action: 'update' }}
            done="Sign-in link created."
            onDone={(response) => setLink(response as Schemas['SignInLinkDto'])}
          />
        </div>
      )}
      {link && (
        <Alert severity="info" sx={{ overflowWrap: 'anywhere' }}>
          One-time link, valid until {dateTime(link.expiresAt)}. Share it over a secure channel: {link.url}
        </Alert>
      )}
      <RepositoryGrants userId={user.id} />
    </Stack>
  );
};
