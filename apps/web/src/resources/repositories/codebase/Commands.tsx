import { Box, Button, TextField } from '@mui/material';
import { useState, type FormEvent } from 'react';
import { useCanAccess, useNotify, useRefresh } from 'react-admin';
import { api, type Profile, type Repository } from '../../../providers/http';
import { Section } from '../../../shared/Section';

const FIELDS = [
  ['setupCommand', 'setup', 'Setup'],
  ['testCommand', 'test', 'Test'],
  ['lintCommand', 'lint', 'Lint'],
  ['buildCommand', 'build', 'Build'],
] as const;

type Commands = Pick<Repository, 'setupCommand' | 'testCommand' | 'lintCommand' | 'buildCommand'>;

/** Edits the commands that set up and verify the code; the detected ones are the defaults. */
export const RepositoryCommands = ({
  repository,
  profile,
}: {
  repository: Repository;
  profile: Profile | undefined;
}) => {
  const { canAccess } = useCanAccess({ resource: 'repositories', action: 'edit', record: repository });
  const [draft, setDraft] = useState<Partial<Commands>>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const notify = useNotify();
  const refresh = useRefresh();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const patch = Object.fromEntries(Object.entries(draft).map(([field, value]) => [field, value?.trim() || null]));
      await api('PATCH', `/repositories/${repository.id}`, patch);
      setDraft({});
      setErrors({});
      notify('Commands saved. The next run uses them.');
      refresh();
    } catch (error) {
      setErrors((error as { body?: { errors?: Record<string, string> } }).body?.errors ?? {});
      notify((error as Error).message, { type: 'error' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section
      title="Commands"
      hint="Commands that set up and verify the code. Leave a field empty to use the detected command."
    >
      <Box component="form" onSubmit={(event) => void save(event)} sx={{ display: 'grid', gap: 1.5 }}>
        {FIELDS.map(([field, command, label]) => (
          <TextField
            key={field}
            label={label}
            value={draft[field] ?? repository[field] ?? ''}
            onChange={(event) => setDraft({ ...draft, [field]: event.target.value })}
            disabled={!canAccess || busy}
            error={Boolean(errors[field])}
            helperText={errors[field] ?? `Detected: ${profile?.commands[command] ?? 'none'}`}
            slotProps={{ htmlInput: { style: { fontFamily: 'monospace' } } }}
            fullWidth
          />
        ))}
        {canAccess && (
          <Box sx={{ display: 'flex', gap: 1 }}>
            <Button type="submit" variant="contained" disabled={busy || Object.keys(draft).length === 0}>
              Save
            </Button>
            <Button onClick={() => setDraft({})} disabled={busy || Object.keys(draft).length === 0}>
              Reset
            </Button>
          </Box>
        )}
      </Box>
    </Section>
  );
};
