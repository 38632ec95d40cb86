import { Box } from '@mui/material';
import { Title } from 'react-admin';
import { Accounts } from './Accounts';
import { ApiTokens } from './ApiTokens';
import { Password } from './Password';
import { Sessions } from './Sessions';

/** The user's own password, linked accounts, API tokens and sessions. */
export const ProfilePage = () => (
  <Box sx={{ display: 'grid', gap: 2, py: 1, minWidth: 0 }}>
    <Title title="Profile" />
    <Password />
    <Accounts />
    <ApiTokens />
    <Sessions />
  </Box>
);
