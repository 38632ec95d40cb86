import CheckCircleIcon from '@mui/icons-material/CheckCircle';
import ErrorIcon from '@mui/icons-material/ErrorOutline';
import { Alert, Box, Button, List, ListItem, ListItemIcon, ListItemText } from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { api, type Diagnosis } from '../../providers/http';
import { words } from '../../shared/format';

/** Tries the connection, and says of each thing what was found and what to do. */
export const Diagnoses = () => {
  const { data, error, isPending, mutate } = useMutation({
    mutationFn: () => api<{ data: Diagnosis[] }>('POST', '/connections/github/diagnoses', {}),
  });
  return (
    <>
      <Box>
        <Button variant="outlined" onClick={() => mutate()} loading={isPending}>
          Check
        </Button>
      </Box>
      {error && <Alert severity="error">{error.message}</Alert>}
      {data && (
        <List disablePadding aria-label="What was found">
          {data.data.map((diagnosis) => (
            <Found key={diagnosis.name} {...diagnosis} />
          ))}
        </List>
      )}
    </>
  );
};

const Found = ({ name, ok, detail, remedy }: Diagnosis) => (
  <ListItem disableGutters divider sx={{ alignItems: 'flex-start' }}>
    <ListItemIcon sx={{ minWidth: 36, mt: 0.5 }}>
      {ok ? <CheckCircleIcon color="success" titleAccess="right" /> : <ErrorIcon color="error" titleAccess="wrong" />}
    </ListItemIcon>
    <ListItemText
      sx={{ my: 0, overflowWrap: 'anywhere' }}
      primary={`${words(name)}: ${detail}`}
      secondary={remedy}
      slotProps={{ secondary: { color: 'text.primary' } }}
    />
  </ListItem>
);
