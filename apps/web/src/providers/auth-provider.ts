import { createMongoAbility, type MongoAbility, type RawRuleOf } from '@casl/ability';
import { unpackRules, type PackRule } from '@casl/ability/extra';
import type { Action, Subject } from '@teko/contracts';
import type { AuthProvider } from 'react-admin';
import { api, forgetMe, whoAmI } from './http';

type PanelAbility = MongoAbility<[Action, Subject | 'all']>;

const SUBJECT_BY_RESOURCE: Record<string, Subject> = {
  repositories: 'Repository',
  tasks: 'Task',
  comments: 'Comment',
  runs: 'Run',
  changes: 'Change',
  findings: 'Finding',
  demo: 'Demo',
  dashboard: 'Dashboard',
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
  const { rules } = await whoAmI();
  return createMongoAbility<PanelAbility>(unpackRules(rules as unknown as PackRule<RawRuleOf<PanelAbility>>[]));
}

export const authProvider: AuthProvider = {
  async login({ token }: { token: string }) {
    await api('POST', '/sessions', { token });
    forgetMe();
    await whoAmI();
  },
  async logout() {
    await api('DELETE', '/sessions/current').catch(() => undefined);
    forgetMe();
  },
  async checkAuth() {
    await whoAmI();
  },
  async checkError(error: { status?: number }) {
    if (error.status === 401) {
      forgetMe();
      throw new Error('Your session has ended.');
    }
  },
  async getIdentity() {
    const { user } = await whoAmI();
    return { id: user.id, fullName: user.name };
  },
  async canAccess({ resource, action }) {
    const subject = SUBJECT_BY_RESOURCE[resource];
    return subject !== undefined && (await ability()).can(ACTION_BY_NAME[action] ?? (action as Action), subject);
  },
};
