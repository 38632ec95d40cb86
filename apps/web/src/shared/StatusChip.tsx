import { Chip, type ChipProps } from '@mui/material';
import { useRecordContext } from 'react-admin';
import { humanize } from './format';

const COLORS: Record<string, ChipProps['color']> = {
  succeeded: 'success',
  done: 'success',
  ready: 'success',
  merged: 'success',
  handled: 'success',
  answered: 'success',
  green: 'success',
  running: 'info',
  in_review: 'info',
  open: 'info',
  pending: 'info',
  queued: 'default',
  failed: 'error',
  blocked: 'error',
  red: 'error',
  high: 'error',
  critical: 'error',
  medium: 'warning',
  needs_input: 'warning',
  interrupted: 'warning',
  tests_changed: 'warning',
};

export const StatusChip = ({ value }: { value: string | null | undefined }) =>
  value ? <Chip size="small" label={humanize(value)} color={COLORS[value] ?? 'default'} variant="outlined" /> : null;

/** Shows the status of the record as a chip, for lists. */
export const StatusField = ({ source = 'status' }: { source?: string; label?: string }) => {
  const record = useRecordContext();
  return <StatusChip value={record?.[source] as string | undefined} />;
};

export const DemoChip = () => {
  const record = useRecordContext<{ id: string; demo?: boolean }>();
  return record?.demo ? <Chip size="small" label="demo" color="secondary" sx={{ ml: 1 }} /> : null;
};
