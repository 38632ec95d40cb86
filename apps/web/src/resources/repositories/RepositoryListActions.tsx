import CloudDownloadIcon from '@mui/icons-material/CloudDownload';
import { Box, Typography } from '@mui/material';
import { Button, CreateButton, TopToolbar, useCanAccess } from 'react-admin';
import { Link } from 'react-router-dom';

const ImportButton = () => {
  const { canAccess } = useCanAccess({ resource: 'repositories', action: 'create' });
  if (!canAccess) return null;
  return (
    <Button component={Link} to="/repositories/import" label="Import from GitHub">
      <CloudDownloadIcon />
    </Button>
  );
};

export const RepositoryListActions = () => (
  <TopToolbar sx={{ flexWrap: 'wrap' }}>
    <ImportButton />
    <CreateButton />
  </TopToolbar>
);

export const NoRepositories = () => (
  <Box sx={{ p: 4, display: 'grid', gap: 2, justifyItems: 'center' }}>
    <Typography>
      No repositories yet. Import them from GitHub, or add one by its git URL or path on this host.
    </Typography>
    <Box sx={{ display: 'flex', gap: 2, flexWrap: 'wrap', justifyContent: 'center' }}>
      <ImportButton />
      <CreateButton />
    </Box>
  </Box>
);
