import VerifiedIcon from '@mui/icons-material/VerifiedUser';
import DownloadIcon from '@mui/icons-material/Download';
import { Alert, Box, Button, useMediaQuery, type Theme } from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { DataTable, List, SearchInput, SimpleList, TextInput, useRecordContext } from 'react-admin';
import { api, type AuditLogEntry, type Schemas } from '../../providers/http';
import { dateTime } from '../../shared/format';

const filters = [
  <SearchInput key="q" source="q" alwaysOn />,
  <TextInput key="action" source="action" />,
  <TextInput key="subjectType" source="subjectType" label="Target type" />,
  <TextInput key="subjectId" source="subjectId" label="Target ID" />,
];

export const AuditLogEntryList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <>
      <Verification />
      <List title="Audit log" filters={filters} sort={{ field: 'id', order: 'DESC' }} exporter={false} empty={false}>
        {small ? (
          <SimpleList<AuditLogEntry>
            primaryText={(entry) => `${entry.actorName}: ${entry.action}`}
            secondaryText={(entry) => dateTime(entry.at)}
            rowClick={false}
          />
        ) : (
          <DataTable rowClick="expand" bulkActionButtons={false} expand={<BeforeAndAfter />}>
            <DataTable.Col source="id" label="#" />
            <DataTable.Col source="at" label="Time" render={(entry: AuditLogEntry) => dateTime(entry.at)} />
            <DataTable.Col source="actorName" label="Actor" disableSort />
            <DataTable.Col source="action" label="Action" disableSort />
            <DataTable.Col
              source="subjectType"
              label="Target"
              disableSort
              sx={{ overflowWrap: 'anywhere' }}
              render={(entry: AuditLogEntry) => `${entry.subjectType} ${entry.subjectId ?? ''}`}
            />
            <DataTable.Col source="address" label="IP address" disableSort />
          </DataTable>
        )}
      </List>
    </>
  );
};

/** Buttons that verify the hash chain of the log and download the log. */
const Verification = () => {
  const { data, error, isPending, mutate } = useMutation({
    mutationFn: () => api<Schemas['AuditVerificationDto']>('GET', '/audit-log-entries/verification'),
  });
  return (
    <Box sx={{ display: 'grid', gap: 1, pt: 1 }}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        <Button variant="outlined" startIcon={<VerifiedIcon />} onClick={() => mutate()} loading={isPending}>
          Verify integrity
        </Button>
        <Button variant="outlined" startIcon={<DownloadIcon />} href="/api/v1/audit-log-entries/export" download>
          Download log
        </Button>
      </Box>
      {error && <Alert severity="error">{error.message}</Alert>}
      {data && !data.broken && (
        <Alert severity="success">The log is intact: all {data.entries} entries are unchanged.</Alert>
      )}
      {data?.broken && (
        <Alert severity="error">
          Entry {data.broken.id} {data.broken.reason}. The {data.entries} entries before it are intact.
        </Alert>
      )}
    </Box>
  );
};

const BeforeAndAfter = () => {
  const entry = useRecordContext<AuditLogEntry>();
  if (!entry) return null;
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 2 }}>
      {(['before', 'after'] as const).map((side) => (
        <Box key={side} sx={{ minWidth: 0 }}>
          <strong>{side}</strong>
          <Box component="pre" sx={{ m: 0, fontSize: 12, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {entry[side] ? JSON.stringify(entry[side], null, 2) : '–'}
          </Box>
        </Box>
      ))}
    </Box>
  );
};
