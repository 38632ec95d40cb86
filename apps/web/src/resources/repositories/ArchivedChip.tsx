import { Chip } from '@mui/material';
import { useRecordContext } from 'react-admin';
import type { Repository } from '../../providers/http';

export const ArchivedChip = () => {
  const record = useRecordContext<Repository>();
  return record?.archived ? (
    <Chip size="small" label="archived" color="warning" variant="outlined" sx={{ ml: 1 }} />
  ) : null;
};
