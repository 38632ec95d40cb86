import { useState, type ReactNode } from 'react';
import { Button, Confirm, useCanAccess, useNotify, useRecordContext, useRefresh } from 'react-admin';
import { api } from '../providers/http';

interface ActionButtonProps {
  label: string;
  icon?: ReactNode;
  /** API path that the button calls. */
  path: string;
  method?: 'POST' | 'PATCH';
  permission: { resource: string; action: string };
  /** Request body. */
  body?: Record<string, unknown>;
  /** Text of the confirmation dialog; without it the call is made at once. */
  confirm?: string;
  /** Notification after success. */
  done: string;
  onDone?: (response: unknown) => void;
  /** Set if the call deletes the record on the screen, which then is not refetched. */
  deletesRecord?: boolean;
}

/** A button that calls the API; hidden from users without the permission. */
export const ActionButton = ({
  label,
  icon,
  path,
  method = 'POST',
  permission,
  body,
  confirm,
  done,
  onDone,
  deletesRecord = false,
}: ActionButtonProps) => {
  const [confirming, setConfirming] = useState(false);
  const [busy, setBusy] = useState(false);
  const record = useRecordContext();
  const { canAccess } = useCanAccess({ ...permission, record });
  const notify = useNotify();
  const refresh = useRefresh();
  if (!canAccess) return null;
  const call = async () => {
    setBusy(true);
    try {
      const response = await api(method, path, body ?? {});
      notify(done);
      if (!deletesRecord) refresh();
      onDone?.(response);
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    } finally {
      setBusy(false);
      setConfirming(false);
    }
  };
  return (
    <>
      <Button label={label} disabled={busy} onClick={() => (confirm ? setConfirming(true) : void call())}>
        {icon as never}
      </Button>
      {confirm && (
        <Confirm
          isOpen={confirming}
          loading={busy}
          title={label}
          content={confirm}
          confirm={label}
          cancel="Go back"
          onConfirm={() => void call()}
          onClose={() => setConfirming(false)}
        />
      )}
    </>
  );
};
