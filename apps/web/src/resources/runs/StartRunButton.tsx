import {
  Alert,
  Button as MuiButton,
  Dialog,
  DialogActions,
  DialogContent,
  DialogContentText,
  DialogTitle,
  TextField,
} from '@mui/material';
import { useState, type ReactNode } from 'react';
import { Button, useCanAccess, useRecordContext } from 'react-admin';
import { api } from '../../providers/http';

interface StartRunButtonProps {
  label: string;
  icon: ReactNode;
  path: string;
  permission: { resource: string; action: string };
  text: string;
  /** Number of turns of the run; if set, the dialog also asks for a turn and a model. */
  turns?: number;
  onDone: (response: unknown) => void;
}

/** A button that opens a dialog for an instruction and starts a run. The dialog stays open if the API rejects the request. */
export const StartRunButton = ({ label, icon, path, permission, text, turns, onDone }: StartRunButtonProps) => {
  const record = useRecordContext();
  const { canAccess } = useCanAccess({ ...permission, record });
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [instruction, setInstruction] = useState('');
  const [model, setModel] = useState('');
  const [turn, setTurn] = useState(turns ?? 1);
  if (!canAccess) return null;
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      const fork = turns === undefined ? {} : { turn, model: model || null };
      const response = await api('POST', path, { instruction: instruction || null, ...fork });
      setOpen(false);
      onDone(response);
    } catch (failure) {
      setError((failure as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button label={label} onClick={() => setOpen(true)}>
        {icon as never}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} fullWidth aria-label={label}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <DialogTitle>{label}</DialogTitle>
          <DialogContent sx={{ display: 'grid', gap: 2 }}>
            <DialogContentText>{text}</DialogContentText>
            {turns !== undefined && (
              <>
                <TextField
                  label="From turn"
                  type="number"
                  value={turn}
                  onChange={(event) => setTurn(Number(event.target.value))}
                  slotProps={{ htmlInput: { min: 1, max: turns + 1 } }}
                  required
                />
                <TextField
                  label="Model"
                  value={model}
                  onChange={(event) => setModel(event.target.value)}
                  helperText="For example openai:gpt-5. Leave empty to use the same model"
                />
              </>
            )}
            <TextField
              label="Instruction"
              value={instruction}
              onChange={(event) => setInstruction(event.target.value)}
              multiline
              minRows={3}
              autoFocus
            />
            {error && <Alert severity="error">{error}</Alert>}
          </DialogContent>
          <DialogActions>
            <MuiButton onClick={() => setOpen(false)}>Cancel</MuiButton>
            <MuiButton type="submit" variant="contained" disabled={busy}>
              {label}
            </MuiButton>
          </DialogActions>
        </form>
      </Dialog>
    </>
  );
};
