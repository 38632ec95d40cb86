import { useState, type ReactNode } from 'react';
import { Button, Confirm, useCanAccess, useNotify, useRecordContext, useRefresh } from 'react-admin';
import { api } from '../providers/http';

interface ActionButtonProps {
  label: string;
  icon?: ReactNode;
  /** POSTed to. */
  path: string;
  permission: { resource: string; action: string };
  /** What is POSTed. */
  body?: Record<string, unknown>;
  /** Asked before it is done. */
  confirm?: string;
  done: string;
  onDone?: (answer: unknown) => void;
}

/** A button that does one thing on the server; hidden from those who may not. */
export const ActionButton = ({ label, icon, path, permission, body, confirm, done, onDone }: ActionButtonProps) => {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const record = useRecordContext();
  const { canAccess } = useCanAccess({ ...permission, record });
  const notify = useNotify();
  const refresh = useRefresh();
  if (!canAccess) return null;
  const act = async () => {
    setBusy(true);
    try {
      const answer = await api('POST', path, body ?? {});
      notify(done);
      refresh();
      onDone?.(answer);
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    } finally {
      setBusy(false);
      setAsking(false);
    }
  };
  return (
    <>
      <Button label={label} disabled={busy} onClick={() => (confirm ? setAsking(true) : void act())}>
        {icon as never}
      </Button>
      {confirm && (
        <Confirm
          isOpen={asking}
          loading={busy}
          title={label}
          content={confirm}
          onConfirm={() => void act()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
};
