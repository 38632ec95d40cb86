import { Typography, useMediaQuery, type Theme } from '@mui/material';
import { WEBHOOK_EVENT_STATUSES } from '@teko/contracts';
import { DataTable, DateField, List, SearchInput, SelectArrayInput, SimpleList, TextInput } from 'react-admin';
import type { WebhookEvent } from '../../providers/http';
import { StatusChip, StatusField } from '../../shared/StatusChip';
import { choices } from '../tasks/taskFilters';

const filters = [
  <SearchInput key="q" source="q" alwaysOn />,
  <SelectArrayInput
    key="status"
    source="status"
    choices={choices(WEBHOOK_EVENT_STATUSES)}
    alwaysOn
    sx={{ minWidth: 140 }}
  />,
  <TextInput key="event" source="event" />,
];

export const eventName = ({ event, action }: WebhookEvent) => (action ? `${event} ${action}` : event);

const Empty = () => (
  <Typography sx={{ p: 2 }} color="text.secondary">
    No webhook events. To receive them, add the webhook URL from Connections to GitHub.
  </Typography>
);

export const WebhookEventList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List
      title="Webhook events"
      filters={filters}
      sort={{ field: 'number', order: 'DESC' }}
      exporter={false}
      empty={false}
    >
      {small ? (
        <SimpleList<WebhookEvent>
          primaryText={(event) => `${event.number}. ${eventName(event)}`}
          secondaryText={(event) => <StatusChip value={event.status} />}
          rowClick="show"
          empty={<Empty />}
        />
      ) : (
        <DataTable rowClick="show" bulkActionButtons={false} empty={<Empty />}>
          <DataTable.NumberCol source="number" label="#" />
          <DataTable.Col source="event" disableSort render={eventName} />
          <DataTable.Col source="status" disableSort>
            <StatusField />
          </DataTable.Col>
          <DataTable.Col source="detail" disableSort sx={{ overflowWrap: 'anywhere' }} />
          <DataTable.NumberCol source="attempts" label="Attempts" disableSort />
          <DataTable.Col source="receivedAt" label="Received">
            <DateField source="receivedAt" showTime />
          </DataTable.Col>
        </DataTable>
      )}
    </List>
  );
};
