import polyglotI18nProvider from 'ra-i18n-polyglot';
import english from 'ra-language-english';

/** Button, title and notification texts of a resource, in place of react-admin's generic ones. */
function texts(noun: string, create: string, more: Record<string, string> = {}) {
  const name = noun[0]!.toUpperCase() + noun.slice(1);
  return {
    action: { create },
    page: { create, edit: `Edit ${noun}` },
    notifications: { created: `${name} created.`, updated: `${name} saved.`, deleted: `${name} deleted.` },
    ...more,
  };
}

const resources = {
  tasks: texts('task', 'New task', {
    empty: 'No tasks yet.',
    invite: 'Describe what you want to change, and an agent works on it.',
  }),
  runs: { empty: 'No runs yet. Create a task to start one.' },
  changes: { empty: 'No changes yet. A run that passes the gate creates one.' },
  repositories: texts('repository', 'Add repository'),
  insights: texts('insight', 'Add insight'),
  budgets: texts('budget', 'New budget'),
  users: texts('user', 'Add user'),
  roles: texts('role', 'New role'),
};

const messages = { ...english, resources };

export const i18nProvider = polyglotI18nProvider(() => messages, 'en', [{ locale: 'en', name: 'English' }]);
