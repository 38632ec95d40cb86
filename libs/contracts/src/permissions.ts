/** Subjects that belong to a code repository; permissions on them can be granted for a single repository. */
export const REPOSITORY_SUBJECTS = [
  'Repository',
  'CodebaseProfile',
  'Task',
  'Comment',
  'Run',
  'Step',
  'Change',
  'Finding',
  'Approval',
  'Insight',
] as const;
export const SUBJECTS = [
  ...REPOSITORY_SUBJECTS,
  'AgentProfile',
  'Dashboard',
  'Queue',
  'Demo',
  'Setting',
  'Me',
  'Session',
  'Account',
  'ApiToken',
  'User',
  'Role',
  'RepositoryGrant',
  'Budget',
  'AuditLogEntry',
  'Connection',
  'WebhookEvent',
] as const;
export type Subject = (typeof SUBJECTS)[number];

export const ACTIONS = ['read', 'create', 'update', 'delete', 'approve', 'manage'] as const;
/** `manage` includes all other actions. */
export type Action = (typeof ACTIONS)[number];

/** A permission of a role, e.g. `read:Task`; `manage:all` is everything. */
export type Permission = `${Action}:${Subject | 'all'}`;

/** Built-in roles of every installation. */
export const ROLES = ['admin', 'maintainer', 'developer', 'viewer'] as const;
export type BuiltInRole = (typeof ROLES)[number];

/** Permissions of every signed-in user on their own data. */
export const OWN_PERMISSIONS: Permission[] = [
  'read:Me',
  'update:Me',
  'read:Dashboard',
  'read:AgentProfile',
  'read:Session',
  'delete:Session',
  'read:Account',
  'delete:Account',
  'read:ApiToken',
  'create:ApiToken',
  'delete:ApiToken',
];

/** The subset of OWN_PERMISSIONS available to API tokens: `read:Me` always, the others by scope. Tokens cannot manage tokens or sessions. */
export const TOKEN_PERMISSIONS: Permission[] = ['read:Me', 'read:Dashboard', 'read:AgentProfile'];

const readWork: Permission[] = REPOSITORY_SUBJECTS.map((subject): Permission => `read:${subject}`);
const develop: Permission[] = [
  ...readWork,
  'create:Task',
  'update:Task',
  'create:Comment',
  'update:Comment',
  'delete:Comment',
  'create:Run',
  'update:Run',
  'update:Finding',
  'create:Insight',
  'update:Insight',
];

/** Permissions of each built-in role. Everything else is denied. */
export const ROLE_PERMISSIONS: Record<BuiltInRole, Permission[]> = {
  admin: ['manage:all'],
  maintainer: [
    ...develop,
    'create:Repository',
    'update:Repository',
    'delete:Repository',
    'delete:Task',
    'delete:Run',
    'approve:Run',
    'update:Change',
    'delete:Change',
    'delete:Insight',
    'read:Setting',
    'read:Connection',
    'read:WebhookEvent',
    'update:WebhookEvent',
    'read:Budget',
    'read:Queue',
    'update:Queue',
    'delete:Demo',
  ],
  developer: develop,
  viewer: readWork,
};

/** Permissions of a user: on their own data, everywhere by their roles, and on single repositories by grants. */
export interface Access {
  own: readonly Permission[];
  permissions: readonly Permission[];
  grants: readonly { repositoryId: string; permissions: readonly Permission[] }[];
}

/** A rule in CASL's format. */
export interface AccessRule {
  action: Action;
  subject: Subject | 'all';
  conditions?: { repositoryId: { $in: string[] } };
}

const belongsToRepository = (subject: string) => (REPOSITORY_SUBJECTS as readonly string[]).includes(subject);

/**
 * Returns the CASL rules of a user. Guard, SQL filters and panel all use them. A permission granted on a repository
 * covers only what belongs to that repository and never allows creating repositories.
 */
export function accessRules({ own, permissions, grants }: Access): AccessRule[] {
  const rules = [...new Set([...own, ...permissions])].map((permission): AccessRule => split(permission));
  const byPermission = new Map<Permission, string[]>();
  for (const { repositoryId, permissions: granted } of grants) {
    for (const permission of granted.flatMap(repositoryPermissions)) {
      byPermission.set(permission, [...(byPermission.get(permission) ?? []), repositoryId]);
    }
  }
  for (const [permission, ids] of byPermission) {
    rules.push({ ...split(permission), conditions: { repositoryId: { $in: ids } } });
  }
  return rules;
}

/** Whether the permissions include `required`, directly or through `manage` or `all`. */
export function covers(permissions: readonly Permission[], required: Permission): boolean {
  const { action, subject } = split(required);
  const sufficient: Permission[] = [`${action}:${subject}`, `manage:${subject}`, `${action}:all`, 'manage:all'];
  return sufficient.some((permission) => permissions.includes(permission));
}

/** Whether a permission applies to a repository, by a global role or by a grant on the repository. */
export function allows({ permissions, grants }: Access, required: Permission, repositoryId: string): boolean {
  const granted = grants.filter((grant) => grant.repositoryId === repositoryId);
  return [permissions, ...granted.map((grant) => grant.permissions)].some((list) => covers(list, required));
}

function split(permission: Permission): AccessRule {
  const [action, subject] = permission.split(':') as [Action, Subject | 'all'];
  return { action, subject };
}

/** Expands a permission granted on a repository: `all` means all subjects that belong to the repository. */
function repositoryPermissions(permission: Permission): Permission[] {
  const { action, subject } = split(permission);
  const subjects = subject === 'all' ? REPOSITORY_SUBJECTS : belongsToRepository(subject) ? [subject] : [];
  return subjects.map((name): Permission => `${action}:${name}`).filter((name) => name !== 'create:Repository');
}
