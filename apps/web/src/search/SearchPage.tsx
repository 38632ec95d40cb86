import { Box } from '@mui/material';
import { Title } from 'react-admin';
import { CodeSearch } from './CodeSearch';

/** Searches the code of all repositories that the user can read. */
export const SearchPage = () => (
  <Box sx={{ py: 1 }}>
    <Title title="Code search" />
    <CodeSearch />
  </Box>
);
