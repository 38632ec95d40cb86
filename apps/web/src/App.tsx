import { Admin, Resource } from 'react-admin';
import { Dashboard } from './dashboard/Dashboard';
import { AppLayout } from './layout/AppLayout';
import { SignInPage } from './layout/SignInPage';
import { darkTheme, lightTheme } from './layout/theme';
import { authProvider } from './providers/auth-provider';
import { dataProvider } from './providers/data-provider';
import { i18nProvider } from './providers/i18n-provider';
import { changes } from './resources/changes';
import { repositories } from './resources/repositories';
import { runs } from './resources/runs';
import { tasks } from './resources/tasks';

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
  </Admin>
);
