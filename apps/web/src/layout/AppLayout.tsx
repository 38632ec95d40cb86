import { Box } from '@mui/material';
import type { ReactNode } from 'react';
import { Layout } from 'react-admin';
import { useLiveRefresh } from '../providers/live';
import { DemoBanner } from './DemoBanner';

export const AppLayout = ({ children }: { children: ReactNode }) => {
  useLiveRefresh();
  return (
    <Layout sx={{ '& .RaLayout-content': { minWidth: 0 } }}>
      <Box sx={{ minWidth: 0 }}>
        <DemoBanner />
        {children}
      </Box>
    </Layout>
  );
};
