import { useMediaQuery, type Theme } from '@mui/material';
import { AGENT_TYPES, RUN_OUTCOMES, RUN_STATUSES } from '@teko/contracts';
import {
  DataTable,
  DateField,
  FunctionField,
  List,
  ReferenceField,
  SelectArrayInput,
  SelectInput,
  SimpleList,
  TextField,
} from 'react-admin';
import type { Run } from '../../providers/http';
import { cost, humanize } from '../../shared/format';
import { DemoChip, StatusChip, StatusField } from '../../shared/StatusChip';
import { choices } from '../tasks/taskFilters';

const filters = [
  <SelectArrayInput key="status" source="status" choices={choices(RUN_STATUSES)} alwaysOn sx={{ minWidth: 140 }} />,
  <SelectInput key="agentType" source="agentType" label="Agent" choices={choices(AGENT_TYPES)} />,
  <SelectInput key="outcome" source="outcome" choices={choices(RUN_OUTCOMES)} />,
];

export const RunList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List filters={filters} sort={{ field: 'number', order: 'DESC' }} exporter={false}>
      {small ? (
        <SimpleList<Run>
          primaryText={(run) => `Run ${run.number}: ${humanize(run.outcome ?? run.phase ?? '')}`}
          secondaryText={(run) => <StatusChip value={run.status} />}
          rowClick="show"
        />
      ) : (
        <DataTable rowClick="show" bulkActionButtons={false}>
          <DataTable.Col source="number" label="#">
            <TextField source="number" />
            <DemoChip />
          </DataTable.Col>
          <DataTable.Col source="status">
            <StatusField />
          </DataTable.Col>
          <DataTable.Col source="outcome" disableSort>
            <FunctionField<Run> render={(run) => humanize(run.outcome)} />
          </DataTable.Col>
          <DataTable.Col source="taskId" label="Task" disableSort>
            <ReferenceField source="taskId" reference="tasks" link="show" />
          </DataTable.Col>
          <DataTable.Col source="agentType" label="Agent" disableSort>
            <FunctionField<Run> render={(run) => [run.agentType, run.language].filter(Boolean).join(', ')} />
          </DataTable.Col>
          <DataTable.Col source="costMicros" label="Cost" disableSort>
            <FunctionField<Run> render={(run) => cost(run.costMicros)} />
          </DataTable.Col>
          <DataTable.Col source="createdAt" label="Created">
            <DateField source="createdAt" showTime />
          </DataTable.Col>
        </DataTable>
      )}
    </List>
  );
};
