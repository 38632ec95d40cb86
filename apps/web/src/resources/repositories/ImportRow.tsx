import { Box, Button, Chip, Link, Typography } from '@mui/material';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNotify } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { api, type ExternalRepository, type Repository } from '../../providers/http';

/** Shows a repository of the forge with an import button, or a link if it is imported already. */
export const ImportRow = ({ repository }: { repository: ExternalRepository }) => {
  const { forgeName, description, archived, repositoryId } = repository;
  return (
    <Box
      sx={{
        display: 'flex',
        gap: 1,
        flexWrap: 'wrap',
        alignItems: 'center',
        py: 0.75,
        borderTop: 1,
        borderColor: 'divider',
      }}
    >
      <Box sx={{ flex: '1 1 240px', minWidth: 0, overflowWrap: 'anywhere' }}>
        <Typography component="h2" variant="body1" sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
          {forgeName}
          {repository.private && <Chip size="small" variant="outlined" label="private" />}
          {archived && <Chip size="small" variant="outlined" color="warning" label="archived" />}
        </Typography>
        <Typography variant="body2" color="text.secondary">
          {description}
        </Typography>
      </Box>
      {repositoryId ? (
        <Link component={RouterLink} to={`/repositories/${repositoryId}/show`}>
          Imported
        </Link>
      ) : (
        <ImportButton forgeName={forgeName} />
      )}
    </Box>
  );
};

const ImportButton = ({ forgeName }: { forgeName: string }) => {
  const notify = useNotify();
  const client = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () => api<Repository>('POST', '/repositories/imports', { forgeName }),
    onSuccess: () => notify(`${forgeName} imported. Analysis queued.`),
    onError: (error) => notify(error.message, { type: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: ['repositories'] }),
  });
  return (
    <Button
      variant="outlined"
      size="small"
      loading={isPending}
      onClick={() => mutate()}
      aria-label={`Import ${forgeName}`}
    >
      Import
    </Button>
  );
};
