import { createMongoAbility, type MongoAbility, type RawRuleOf } from '@casl/ability';
import { unpackRules, type PackRule } from '@casl/ability/extra';
import type { Action, Subject } from '@teko/contracts';
import type { AuthProvider } from 'react-admin';
import { api, forgetMe, fetchMe } from './http';

type Target = { repositoryId: string | null; __caslSubjectType__: Subject };
type PanelAbility = MongoAbility<[Action, Subject | 'all' | Target]>;

const SUBJECT_BY_RESOURCE: Record<string, Subject> = {
  repositories: 'Repository',
  tasks: 'Task',
  comments: 'Comment',
  runs: 'Run',
  changes: 'Change',
  findings: 'Finding',
  insights: 'Insight',
  approvals: 'Approval',
  budgets: 'Budget',
  demo: 'Demo',
  dashboard: 'Dashboard',
  queue: 'Queue',
  search: 'CodebaseProfile',
  users: 'User',
  roles: 'Role',
  'repository-grants': 'RepositoryGrant',
  'audit-log-entries': 'AuditLogEntry',
  'api-tokens': 'ApiToken',
  sessions: 'Session',
  accounts: 'Account',
  connections: 'Connection',
  'webhook-events': 'WebhookEvent',
};
const ACTION_BY_NAME: Record<string, Action> = {
  list: 'read',
  show: 'read',
  read: 'read',
  export: 'read',
  create: 'create',
  edit: 'update',
  update: 'update',
  delete: 'delete',
};

async function ability(): Promise<PanelAbility> {
  const { rules } = await fetchMe();
  return createMongoAbility<PanelAbility>(unpackRules(rules as unknown as PackRule<RawRuleOf<PanelAbility>>[]));
}

/** Returns the repository of a record, or undefined if no record is given. */
function repositoryOf(subject: Subject, record?: { id?: unknown; repositoryId?: unknown }): string | undefined {
  const id = subject === 'Repository' ? record?.id : record?.repositoryId;
  return typeof id === 'string' ? id : undefined;
}

export const authProvider: AuthProvider = {
  async login(input: { token: string } | { email: string; password: string }) {
    await api('POST', 'token' in input ? '/sessions' : '/sessions/password', input);
    forgetMe();
    await fetchMe();
  },
  async logout() {
    await api('DELETE', '/sessions/current').catch(() => undefined);
    forgetMe();
  },
  async checkAuth() {
    await fetchMe();
  },
  async checkError(error: { status?: number }) {
    if (error.status === 401) {
      forgetMe();
      throw new Error('Your session has expired. Sign in again.');
    }
  },
  async getIdentity() {
    const { user } = await fetchMe();
    return { id: user.id, fullName: user.name };
  },
  async canAccess({ resource, action, record }) {
    const subject = SUBJECT_BY_RESOURCE[resource];
    if (subject === undefined) return false;
    const repositoryId = repositoryOf(subject, record as { id?: unknown; repositoryId?: unknown } | undefined);
    const target = repositoryId === undefined ? subject : { repositoryId, __caslSubjectType__: subject };
    return (await ability()).can(ACTION_BY_NAME[action] ?? (action as Action), target);
  },
};
