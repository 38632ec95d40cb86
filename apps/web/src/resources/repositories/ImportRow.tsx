import { Box, Button, Chip, Link, Typography } from '@mui/material';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNotify } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { api, type ExternalRepository, type Repository } from '../../providers/http';

/** A repository of the forge: to be imported, or a link to what was made of it. */
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
    onSuccess: () => notify(`${forgeName} will be fetched and analysed.`),
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
