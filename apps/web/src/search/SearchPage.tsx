import { Box } from '@mui/material';
import { Title } from 'react-admin';
import { CodeSearch } from './CodeSearch';

/** Asks the code of all repositories that one may read. */
export const SearchPage = () => (
  <Box sx={{ py: 1 }}>
    <Title title="Search" />
    <CodeSearch />
  </Box>
);
