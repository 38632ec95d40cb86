import { Alert, Box, Skeleton, Typography, useTheme } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { Diff, Hunk, parseDiff } from 'react-diff-view';
import 'react-diff-view/style/index.css';
import { api, type ChangeDiff } from '../providers/http';

/** Shows the diff that the API returns at `path`, file by file. */
export const DiffView = ({ path }: { path: string }) => {
  const { data, error, isPending } = useQuery({
    queryKey: ['diff', path],
    queryFn: () => api<ChangeDiff>('GET', path),
  });
  const dark = useTheme().palette.mode === 'dark';
  if (isPending) return <Skeleton variant="rounded" height={160} />;
  if (error) return <Alert severity="error">{error.message}</Alert>;
  const files = data.patch ? parseDiff(data.patch) : [];
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
              ? `${file.oldPath} → ${file.newPath}`
              : file.type === 'delete'
                ? `${file.oldPath} (deleted)`
                : file.newPath}
          </Typography>
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
