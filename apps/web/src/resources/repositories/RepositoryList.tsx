import { useMediaQuery, type Theme } from '@mui/material';
import { DataTable, DateField, List, SearchInput, SimpleList, TextField } from 'react-admin';
import { DemoChip, StatusChip, StatusField } from '../../shared/StatusChip';
import type { Repository } from '../../providers/http';
import { ArchivedChip } from './ArchivedChip';
import { NoRepositories, RepositoryListActions } from './RepositoryListActions';

const filters = [<SearchInput key="q" source="q" alwaysOn />];

export const RepositoryList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List
      filters={filters}
      sort={{ field: 'name', order: 'ASC' }}
      actions={<RepositoryListActions />}
      empty={<NoRepositories />}
      exporter={false}
    >
      {small ? (
        <SimpleList<Repository>
          primaryText={(record) => record.name}
          secondaryText={(record) => <StatusChip value={record.status} />}
          rowClick="show"
        />
      ) : (
        <DataTable rowClick="show" bulkActionButtons={false}>
          <DataTable.Col source="name">
            <NameWithDemo />
          </DataTable.Col>
          <DataTable.Col source="url" label="URL" disableSort sx={{ overflowWrap: 'anywhere' }} />
          <DataTable.Col source="defaultBranch" label="Default branch" disableSort />
          <DataTable.Col source="status" disableSort>
            <StatusField />
          </DataTable.Col>
          <DataTable.Col source="createdAt" label="Added">
            <DateField source="createdAt" showTime />
          </DataTable.Col>
        </DataTable>
      )}
    </List>
  );
};

const NameWithDemo = () => (
  <>
    <TextField source="name" />
    <DemoChip />
    <ArchivedChip />
  </>
);
