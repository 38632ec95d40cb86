import ContentCopyIcon from '@mui/icons-material/ContentCopy';
import { IconButton, InputAdornment, TextField } from '@mui/material';
import { useNotify } from 'react-admin';

/** A read-only text with a button that copies it. */
export const CopyField = ({ label, value }: { label: string; value: string }) => {
  const notify = useNotify();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      notify('Copied.');
    } catch {
      // Browsers allow clipboard access on HTTPS and localhost only.
      notify('The browser blocks clipboard access. Select the text and copy it.', { type: 'warning' });
    }
  };
  const button = (
    <InputAdornment position="end">
      <IconButton aria-label={`Copy ${label}`} edge="end" onClick={() => void copy()}>
        <ContentCopyIcon fontSize="small" />
      </IconButton>
    </InputAdornment>
  );
  return (
    <TextField
      label={label}
      value={value}
      fullWidth
      slotProps={{ htmlInput: { readOnly: true }, input: { endAdornment: button } }}
    />
  );
};
