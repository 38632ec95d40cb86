import { Admin, CustomRoutes, Resource } from 'react-admin';
import { Dashboard } from './dashboard/Dashboard';
import { AppLayout } from './layout/AppLayout';
import { SignInPage } from './layout/SignInPage';
import { darkTheme, lightTheme } from './layout/theme';
import { authProvider } from './providers/auth-provider';
import { dataProvider } from './providers/data-provider';
import { i18nProvider } from './providers/i18n-provider';
import { Route } from 'react-router-dom';
import { ProfilePage } from './profile/ProfilePage';
import { QueuePage } from './queue/QueuePage';
import { auditLogEntries } from './resources/audit-log-entries';
import { budgets } from './resources/budgets';
import { changes } from './resources/changes';
import { connections } from './resources/connections';
import { insights } from './resources/insights';
import { repositories } from './resources/repositories';
import { ImportPage } from './resources/repositories/ImportPage';
import { runs } from './resources/runs';
import { roles } from './resources/roles';
import { tasks } from './resources/tasks';
import { SearchPage } from './search/SearchPage';
import { users } from './resources/users';
import { webhookEvents } from './resources/webhook-events';

export const App = () => (
  <Admin
    title="Teko"
    authProvider={authProvider}
    dataProvider={dataProvider}
    i18nProvider={i18nProvider}
    layout={AppLayout}
    loginPage={SignInPage}
    dashboard={Dashboard}
    theme={lightTheme}
    darkTheme={darkTheme}
    requireAuth
    disableTelemetry
  >
    <Resource name="tasks" {...tasks} />
    <Resource name="runs" {...runs} />
    <Resource name="changes" {...changes} />
    <Resource name="repositories" {...repositories} />
    <Resource name="insights" {...insights} />
    <Resource name="connections" {...connections} />
    <Resource name="webhook-events" {...webhookEvents} />
    <Resource name="budgets" {...budgets} />
    <Resource name="users" {...users} />
    <Resource name="roles" {...roles} />
    <Resource name="audit-log-entries" {...auditLogEntries} />
    <CustomRoutes>
      <Route path="/repositories/import" element={<ImportPage />} />
      <Route path="/search" element={<SearchPage />} />
      <Route path="/queue" element={<QueuePage />} />
      <Route path="/profile" element={<ProfilePage />} />
    </CustomRoutes>
  </Admin>
);
