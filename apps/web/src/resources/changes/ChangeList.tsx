import { useMediaQuery, type Theme } from '@mui/material';
import { CHANGE_STATUSES } from '@teko/contracts';
import {
  DataTable,
  DateField,
  FunctionField,
  List,
  ReferenceField,
  SearchInput,
  SelectArrayInput,
  SimpleList,
  TextField,
} from 'react-admin';
import type { Change } from '../../providers/http';
import { DemoChip, StatusChip, StatusField } from '../../shared/StatusChip';
import { choices } from '../tasks/taskFilters';

const filters = [
  <SearchInput key="q" source="q" alwaysOn />,
  <SelectArrayInput key="status" source="status" choices={choices(CHANGE_STATUSES)} alwaysOn sx={{ minWidth: 140 }} />,
];

export const ChangeList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List filters={filters} sort={{ field: 'number', order: 'DESC' }} exporter={false}>
      {small ? (
        <SimpleList<Change>
          primaryText={(change) => `${change.number}. ${change.title}`}
          secondaryText={(change) => <StatusChip value={change.status} />}
          rowClick="show"
        />
      ) : (
        <DataTable rowClick="show" bulkActionButtons={false}>
          <DataTable.NumberCol source="number" label="#" />
          <DataTable.Col source="title">
            <TextField source="title" />
            <DemoChip />
          </DataTable.Col>
          <DataTable.Col source="status">
            <StatusField />
          </DataTable.Col>
          <DataTable.Col source="branch" disableSort sx={{ overflowWrap: 'anywhere' }} />
          <DataTable.Col source="filesChanged" label="Size" disableSort>
            <FunctionField<Change>
              render={(change) => `${change.filesChanged} files, +${change.additions} −${change.deletions}`}
            />
          </DataTable.Col>
          <DataTable.Col source="repositoryId" label="Repository" disableSort>
            <ReferenceField source="repositoryId" reference="repositories" link="show" />
          </DataTable.Col>
          <DataTable.Col source="createdAt" label="Created">
            <DateField source="createdAt" showTime />
          </DataTable.Col>
        </DataTable>
      )}
    </List>
  );
};
