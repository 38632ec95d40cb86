import CheckCircleIcon from '@mui/icons-material/CheckCircle';
import ErrorIcon from '@mui/icons-material/ErrorOutline';
import { Alert, Box, Button, List, ListItem, ListItemIcon, ListItemText } from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { api, type Diagnosis } from '../../providers/http';
import { humanize } from '../../shared/format';

/** Tests the connection and lists the result of each check, with a remedy if it failed. */
export const Diagnoses = () => {
  const { data, error, isPending, mutate } = useMutation({
    mutationFn: () => api<{ data: Diagnosis[] }>('POST', '/connections/github/diagnoses', {}),
  });
  return (
    <>
      <Box>
        <Button variant="outlined" onClick={() => mutate()} loading={isPending}>
          Test connection
        </Button>
      </Box>
      {error && <Alert severity="error">{error.message}</Alert>}
      {data && (
        <List disablePadding aria-label="Results">
          {data.data.map((diagnosis) => (
            <DiagnosisItem key={diagnosis.name} {...diagnosis} />
          ))}
        </List>
      )}
    </>
  );
};

const DiagnosisItem = ({ name, ok, detail, remedy }: Diagnosis) => (
  <ListItem disableGutters divider sx={{ alignItems: 'flex-start' }}>
    <ListItemIcon sx={{ minWidth: 36, mt: 0.5 }}>
      {ok ? <CheckCircleIcon color="success" titleAccess="passed" /> : <ErrorIcon color="error" titleAccess="failed" />}
    </ListItemIcon>
    <ListItemText
      sx={{ my: 0, overflowWrap: 'anywhere' }}
      primary={`${humanize(name)}: ${detail}`}
      secondary={remedy}
      slotProps={{ secondary: { color: 'text.primary' } }}
    />
  </ListItem>
);
