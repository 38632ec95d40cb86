import { useMediaQuery, type Theme } from '@mui/material';
import { BooleanField, DataTable, List, SearchInput, SimpleList } from 'react-admin';
import type { Role } from '../../providers/http';

const filters = [<SearchInput key="q" source="q" alwaysOn />];

export const RoleList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List filters={filters} sort={{ field: 'name', order: 'ASC' }} exporter={false}>
      {small ? (
        <SimpleList<Role>
          primaryText={(role) => role.name}
          secondaryText={(role) => role.description}
          rowClick="show"
        />
      ) : (
        <DataTable rowClick="show" bulkActionButtons={false}>
          <DataTable.Col source="name" />
          <DataTable.Col source="description" disableSort />
          <DataTable.Col source="permissions" disableSort render={(role: Role) => role.permissions.length} />
          <DataTable.Col source="builtIn" label="Built-in" disableSort>
            <BooleanField source="builtIn" />
          </DataTable.Col>
        </DataTable>
      )}
    </List>
  );
};
