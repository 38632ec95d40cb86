import { useMediaQuery, type Theme } from '@mui/material';
import { DataTable, DateField, List, ReferenceField, SimpleList, TextField } from 'react-admin';
import type { Task } from '../../providers/http';
import { DemoChip, StatusChip, StatusField } from '../../shared/StatusChip';
import { taskFilters } from './taskFilters';

export const TaskList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List filters={taskFilters} sort={{ field: 'number', order: 'DESC' }} exporter={false}>
      {small ? (
        <SimpleList<Task>
          primaryText={(task) => `${task.number}. ${task.title}`}
          secondaryText={(task) => <StatusChip value={task.status} />}
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
          <DataTable.Col source="kind" disableSort />
          <DataTable.Col source="priority" />
          <DataTable.Col source="repositoryId" label="Repository" disableSort>
            <ReferenceField source="repositoryId" reference="repositories" link="show" />
          </DataTable.Col>
          <DataTable.Col source="updatedAt" label="Updated">
            <DateField source="updatedAt" showTime />
          </DataTable.Col>
        </DataTable>
      )}
    </List>
  );
};
