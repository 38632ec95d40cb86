import { useMediaQuery, type Theme } from '@mui/material';
import { DataTable, DateField, List, SearchInput, SelectInput, SimpleList } from 'react-admin';
import type { User } from '../../providers/http';

const filters = [
  <SearchInput key="q" source="q" alwaysOn />,
  <SelectInput
    key="disabled"
    source="disabled"
    label="Status"
    choices={[
      { id: 'false', name: 'active' },
      { id: 'true', name: 'disabled' },
    ]}
  />,
];

const roleNames = (user: User) => user.roles.join(', ') || 'repository roles only';

export const UserList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List filters={filters} sort={{ field: 'name', order: 'ASC' }} exporter={false}>
      {small ? (
        <SimpleList<User>
          primaryText={(user) => `${user.name}${user.disabled ? ' (disabled)' : ''}`}
          secondaryText={roleNames}
          rowClick="show"
        />
      ) : (
        <DataTable rowClick="show" bulkActionButtons={false}>
          <DataTable.Col source="name" />
          <DataTable.Col source="email" />
          <DataTable.Col source="roles" disableSort render={roleNames} />
          <DataTable.Col
            source="disabled"
            label="Status"
            disableSort
            render={(user: User) => (user.disabled ? 'disabled' : 'active')}
          />
          <DataTable.Col source="createdAt" label="Added">
            <DateField source="createdAt" showTime />
          </DataTable.Col>
        </DataTable>
      )}
    </List>
  );
};
