import { Alert, Button } from '@mui/material';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Confirm, useCanAccess, useNotify } from 'react-admin';
import { useDashboard } from '../dashboard/use-dashboard';
import { api } from '../providers/http';

/** Tells on every screen that the workspace is a demo, with a button that removes it. */
export const DemoBanner = () => {
  const { data } = useDashboard();
  const { canAccess } = useCanAccess({ resource: 'demo', action: 'delete' });
  const [confirming, setConfirming] = useState(false);
  const [removing, setRemoving] = useState(false);
  const notify = useNotify();
  const client = useQueryClient();
  if (!data?.demo) return null;
  const remove = async () => {
    setRemoving(true);
    try {
      await api('DELETE', '/demo');
      notify('Demo removed.');
      await client.invalidateQueries();
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    } finally {
      setRemoving(false);
      setConfirming(false);
    }
  };
  return (
    <Alert
      severity="info"
      sx={{ my: 1 }}
      action={
        canAccess ? (
          <Button color="inherit" size="small" onClick={() => setConfirming(true)}>
            Remove demo
          </Button>
        ) : undefined
      }
    >
      This is a demo. The model’s responses are recorded; the agent, sandbox, tests and git are real.
      <Confirm
        isOpen={confirming}
        loading={removing}
        title="Remove the demo?"
        confirm="Remove demo"
        content="This deletes the demo repository with its tasks, runs and changes. Your own data is not affected."
        onConfirm={() => void remove()}
        onClose={() => setConfirming(false)}
      />
    </Alert>
  );
};
