import { useMediaQuery, type Theme } from '@mui/material';
import { DataTable, DateField, List, SearchInput, SelectInput, SimpleList } from 'react-admin';
import type { User } from '../../providers/http';

const filters = [
  <SearchInput key="q" source="q" alwaysOn />,
  <SelectInput
    key="disabled"
    source="disabled"
    label="May sign in"
    choices={[
      { id: 'false', name: 'yes' },
      { id: 'true', name: 'no' },
    ]}
  />,
];

const roleNames = (user: User) => user.roles.join(', ') || 'only on single repositories';

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
            label="May sign in"
            disableSort
            render={(user: User) => (user.disabled ? 'no' : 'yes')}
          />
          <DataTable.Col source="createdAt" label="Added">
            <DateField source="createdAt" showTime />
          </DataTable.Col>
        </DataTable>
      )}
    </List>
  );
};
