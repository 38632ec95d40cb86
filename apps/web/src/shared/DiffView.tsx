import { Alert, Box, Skeleton, Typography, useTheme } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { Diff, Hunk, parseDiff } from 'react-diff-view';
import 'react-diff-view/style/index.css';
import { api, type ChangeDiff } from '../providers/http';
import { visiblePath } from './visible-path';

/** A text about a file of the diff. */
interface FileNote {
  path: string;
  reason: string;
}

/** Shows the diff that the API returns at `path`, file by file; files with a note first. */
export const DiffView = ({ path, notes = [] }: { path: string; notes?: FileNote[] }) => {
  const { data, error, isPending } = useQuery({
    queryKey: ['diff', path],
    queryFn: () => api<ChangeDiff>('GET', path),
  });
  const dark = useTheme().palette.mode === 'dark';
  if (isPending) return <Skeleton variant="rounded" height={160} />;
  if (error) return <Alert severity="error">{error.message}</Alert>;
  const noteOf = (file: { oldPath: string; newPath: string }) =>
    notes.find((note) => note.path === file.newPath) ?? notes.find((note) => note.path === file.oldPath);
  const all = data.patch ? parseDiff(data.patch) : [];
  const files = [...all.filter(noteOf), ...all.filter((file) => !noteOf(file))];
  return (
    <Box sx={dark ? DARK : {}}>
      {data.truncated && (
        <Alert severity="warning">The diff is too long to show in full; this is its first part.</Alert>
      )}
      {files.length === 0 && <Typography color="text.secondary">No changes.</Typography>}
      {files.map((file) => (
        <Box
          key={`${file.oldPath} ${file.newPath}`}
          component="section"
          aria-label={file.newPath}
          sx={{ mb: 2, border: 1, borderColor: 'divider', borderRadius: 1, overflow: 'hidden' }}
        >
          <Typography
            sx={{
              px: 1.5,
              py: 0.75,
              fontFamily: 'monospace',
              fontSize: 13,
              bgcolor: 'action.hover',
              overflowWrap: 'anywhere',
            }}
          >
            {file.type === 'rename'
              ? `${visiblePath(file.oldPath)} → ${visiblePath(file.newPath)}`
              : file.type === 'delete'
                ? `${visiblePath(file.oldPath)} (deleted)`
                : visiblePath(file.newPath)}
          </Typography>
          {noteOf(file) && (
            <Alert severity="warning" sx={{ py: 0, borderRadius: 0 }}>
              {noteOf(file)!.reason}
            </Alert>
          )}
          <Box
            sx={{ overflowX: 'auto', fontSize: 12.5 }}
            tabIndex={0}
            role="region"
            aria-label={`Diff of ${file.newPath}`}
          >
            <Diff viewType="unified" diffType={file.type} hunks={file.hunks}>
              {(hunks) => hunks.map((hunk) => <Hunk key={hunk.content} hunk={hunk} />)}
            </Diff>
          </Box>
        </Box>
      ))}
    </Box>
  );
};

const DARK = {
  '--diff-background-color': 'transparent',
  '--diff-text-color': '#d7dede',
  '--diff-code-insert-background-color': '#173a2a',
  '--diff-gutter-insert-background-color': '#1e4a35',
  '--diff-code-delete-background-color': '#472326',
  '--diff-gutter-delete-background-color': '#5a2b2f',
};
