import RefreshIcon from '@mui/icons-material/Refresh';
import StopIcon from '@mui/icons-material/Stop';
import { Alert, Box, LinearProgress, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { HttpError } from 'react-admin';
import { api, type CodeIndex } from '../../../providers/http';
import { ActionButton } from '../../../shared/ActionButton';
import { Section } from '../../../shared/Section';
import { StatusChip } from '../../../shared/StatusChip';
import { dateTime } from '../../../shared/format';

const PROGRESS_INTERVAL_MS = 1_000;
const PHASES = { files: 'Reading files', vectors: 'Computing embeddings' };
const permission = { resource: 'repositories', action: 'edit' };

/** Shows the status, progress and coverage of the code index. */
export const CodeIndexCard = ({ repositoryId }: { repositoryId: string }) => {
  const { data, error, isPending } = useQuery({
    queryKey: ['repositories', 'code-index', repositoryId],
    queryFn: () => codeIndexOf(repositoryId),
    refetchInterval: ({ state }) => (isBusy(state.data) ? PROGRESS_INTERVAL_MS : false),
    retry: false,
  });
  const path = `/repositories/${repositoryId}/code-index`;
  return (
    <Section title="Code index" loading={isPending} error={error}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
        {data && <StatusChip value={data.status} />}
        {!error && (
          <Typography variant="body2" color="text.secondary">
            {data?.commit
              ? `Commit ${data.commit.slice(0, 12)}, indexed ${dateTime(data.indexedAt)}`
              : 'Not indexed yet. Indexing starts after the first analysis.'}
          </Typography>
        )}
      </Box>
      {data?.status === 'indexing' && <Progress index={data} />}
      {data?.statusReason && (
        <Alert severity={data.status === 'failed' ? 'error' : 'info'}>
          {data.statusReason}
          {data.status === 'pending' && ` Next attempt: ${dateTime(data.dueAt)}.`}
        </Alert>
      )}
      {data?.notice && <Alert severity="warning">{data.notice}</Alert>}
      {data?.coverage && <Coverage coverage={data.coverage} />}
      <Box>
        {isBusy(data) ? (
          <ActionButton
            label="Stop indexing"
            icon={<StopIcon />}
            path={`${path}/cancel`}
            permission={permission}
            done="Indexing is being stopped."
          />
        ) : (
          <ActionButton
            label="Rebuild index"
            icon={<RefreshIcon />}
            path={path}
            permission={permission}
            done="Indexing queued."
          />
        )}
      </Box>
    </Section>
  );
};

const Progress = ({ index: { phase, doneFiles, totalFiles } }: { index: CodeIndex }) => (
  <Box role="status">
    <Typography variant="body2">
      {phase ? PHASES[phase] : 'Starting'}
      {totalFiles > 0 && `: ${doneFiles} of ${totalFiles}`}
    </Typography>
    <LinearProgress
      aria-label="Indexing"
      variant={totalFiles > 0 ? 'determinate' : 'indeterminate'}
      value={totalFiles > 0 ? (100 * doneFiles) / totalFiles : undefined}
    />
  </Box>
);

const Coverage = ({ coverage }: { coverage: NonNullable<CodeIndex['coverage']> }) => {
  const { files, chunks, vectors, embedder, skipped, languages } = coverage;
  const formatCounts = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort((a, b) => b[1] - a[1])
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  return (
    <Box>
      <Typography variant="body2">
        {files} files in {chunks} chunks,{' '}
        {embedder ? `${vectors} with embeddings from ${embedder}` : 'keyword search only'}
      </Typography>
      <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
        {formatCounts(languages) || 'No files indexed'}
        {Object.keys(skipped).length > 0 && `; skipped: ${formatCounts(skipped)}`}
      </Typography>
    </Box>
  );
};

function isBusy(index: CodeIndex | null | undefined): boolean {
  return index?.status === 'pending' || index?.status === 'indexing';
}

/** Returns the code index, or null before the first analysis. */
async function codeIndexOf(repositoryId: string): Promise<CodeIndex | null> {
  try {
    return await api<CodeIndex>('GET', `/repositories/${repositoryId}/code-index`);
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null;
    throw error;
  }
}
