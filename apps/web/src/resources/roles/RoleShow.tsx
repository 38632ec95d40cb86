import { Typography } from '@mui/material';
import {
  EditButton,
  RecordContextProvider,
  Show,
  SimpleShowLayout,
  TextField,
  TopToolbar,
  useShowContext,
} from 'react-admin';
import type { Role } from '../../providers/http';
import { PermissionMatrix } from './PermissionMatrix';

export const RoleShow = () => (
  <Show actions={<RoleActions />}>
    <SimpleShowLayout>
      <TextField source="description" emptyText="–" />
      <Permissions />
    </SimpleShowLayout>
  </Show>
);

const RoleActions = () => {
  const { record } = useShowContext<Role>();
  return (
    <TopToolbar>
      {record && !record.builtIn && (
        <RecordContextProvider value={record}>
          <EditButton />
        </RecordContextProvider>
      )}
    </TopToolbar>
  );
};

const Permissions = () => {
  const { record } = useShowContext<Role>();
  if (!record) return null;
  return (
    <>
      {record.builtIn && <Typography color="text.secondary">This is a built-in role. It cannot be changed.</Typography>}
      <PermissionMatrix value={record.permissions as never} />
    </>
  );
};
