import { useState, type ReactNode } from 'react';
import { Button, Confirm, useCanAccess, useNotify, useRecordContext, useRefresh } from 'react-admin';
import { api } from '../providers/http';

interface ActionButtonProps {
  label: string;
  icon?: ReactNode;
  /** What it calls. */
  path: string;
  method?: 'POST' | 'PATCH';
  permission: { resource: string; action: string };
  /** What is sent. */
  body?: Record<string, unknown>;
  /** Asked before it is done. */
  confirm?: string;
  done: string;
  onDone?: (answer: unknown) => void;
  /** What is shown is gone after it, so it is not asked for again. */
  isLast?: boolean;
}

/** A button that does one thing on the server; hidden from those who may not. */
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
  isLast = false,
}: ActionButtonProps) => {
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
      const answer = await api(method, path, body ?? {});
      notify(done);
      if (!isLast) refresh();
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
