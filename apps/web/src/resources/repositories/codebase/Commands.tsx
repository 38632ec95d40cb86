import { Box, Button, TextField } from '@mui/material';
import { useState, type FormEvent } from 'react';
import { useCanAccess, useNotify, useRefresh } from 'react-admin';
import { api, type Profile, type Repository } from '../../../providers/http';
import { Section } from '../../../shared/Section';

const NOT_RUN = '. Shown to the agent; Teko does not run it.';

const FIELDS = [
  ['setupCommand', 'setup', 'Setup', ''],
  ['testCommand', 'test', 'Test', ''],
  ['lintCommand', 'lint', 'Lint', NOT_RUN],
  ['buildCommand', 'build', 'Build', NOT_RUN],
] as const;

type Commands = Pick<Repository, 'setupCommand' | 'testCommand' | 'lintCommand' | 'buildCommand'>;

/** Edits the commands of the repository; the detected ones are the defaults. */
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
      hint="Teko sets up and verifies the code with the first two. Leave a field empty to use the detected command."
    >
      <Box component="form" onSubmit={(event) => void save(event)} sx={{ display: 'grid', gap: 1.5 }}>
        {FIELDS.map(([field, command, label, note]) => (
          <TextField
            key={field}
            label={label}
            value={draft[field] ?? repository[field] ?? ''}
            onChange={(event) => setDraft({ ...draft, [field]: event.target.value })}
            disabled={!canAccess || busy}
            error={Boolean(errors[field])}
            helperText={errors[field] ?? `Detected: ${profile?.commands[command] ?? 'none'}${note}`}
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
