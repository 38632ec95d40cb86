import { Box } from '@mui/material';
import type { ReactNode } from 'react';
import QueueIcon from '@mui/icons-material/Queue';
import SearchIcon from '@mui/icons-material/Search';
import { AppBar, Layout, Logout, Menu, useCanAccess, UserMenu } from 'react-admin';
import { ProfileMenuItem } from '../profile/ProfileMenuItem';
import { useLiveRefresh } from '../providers/live';
import { DemoBanner } from './DemoBanner';

const TekoUserMenu = () => (
  <UserMenu>
    <ProfileMenuItem />
    <Logout />
  </UserMenu>
);
const TekoAppBar = () => <AppBar userMenu={<TekoUserMenu />} />;

const TekoMenu = () => {
  const { canAccess: canReadQueue } = useCanAccess({ resource: 'queue', action: 'read' });
  const { canAccess: canSearch } = useCanAccess({ resource: 'search', action: 'read' });
  return (
    <Menu>
      <Menu.DashboardItem />
      {canSearch && <Menu.Item to="/search" primaryText="Code search" leftIcon={<SearchIcon />} />}
      {canReadQueue && <Menu.Item to="/queue" primaryText="Queue" leftIcon={<QueueIcon />} />}
      <Menu.ResourceItems />
    </Menu>
  );
};

export const AppLayout = ({ children }: { children: ReactNode }) => {
  useLiveRefresh();
  return (
    <Layout appBar={TekoAppBar} menu={TekoMenu} sx={{ '& .RaLayout-content': { minWidth: 0 } }}>
      <Box sx={{ minWidth: 0 }}>
        <DemoBanner />
        {children}
      </Box>
    </Layout>
  );
};
