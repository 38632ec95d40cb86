import { Alert, Button } from '@mui/material';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Confirm, useCanAccess, useNotify } from 'react-admin';
import { useDashboard } from '../dashboard/use-dashboard';
import { api } from '../providers/http';

/** Says on every screen that what is shown is a demo, and takes it away. */
export const DemoBanner = () => {
  const { data } = useDashboard();
  const { canAccess } = useCanAccess({ resource: 'demo', action: 'delete' });
  const [asking, setAsking] = useState(false);
  const [removing, setRemoving] = useState(false);
  const notify = useNotify();
  const client = useQueryClient();
  if (!data?.demo) return null;
  const remove = async () => {
    setRemoving(true);
    try {
      await api('DELETE', '/demo');
      notify('The demo was removed.');
      await client.invalidateQueries();
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    } finally {
      setRemoving(false);
      setAsking(false);
    }
  };
  return (
    <Alert
      severity="info"
      sx={{ my: 1 }}
      action={
        canAccess ? (
          <Button color="inherit" size="small" onClick={() => setAsking(true)}>
            Remove demo
          </Button>
        ) : undefined
      }
    >
      This is a demo: the model’s answers are recorded; agent, sandbox, tests and git are real.
      <Confirm
        isOpen={asking}
        loading={removing}
        title="Remove the demo?"
        content="The demo repository goes with its tasks, runs and changes. Your own data stays."
        onConfirm={() => void remove()}
        onClose={() => setAsking(false)}
      />
    </Alert>
  );
};
