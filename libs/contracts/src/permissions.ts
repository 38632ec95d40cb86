/** What belongs to a code repository; permission on it can be given for one repository alone. */
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
/** `manage` is all of them. */
export type Action = (typeof ACTIONS)[number];

/** One thing a role allows, e.g. `read:Task`; `manage:all` is everything. */
export type Permission = `${Action}:${Subject | 'all'}`;

/** The roles that every installation has. */
export const ROLES = ['admin', 'maintainer', 'developer', 'viewer'] as const;
export type SeededRole = (typeof ROLES)[number];

/** What everybody who is signed in may do with what is theirs. */
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

/** Of these a token has `read:Me`, and the others if its scopes say so: it cannot make tokens or end sessions. */
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

/** What each seeded role allows. Nothing listed means refused. */
export const ROLE_PERMISSIONS: Record<SeededRole, Permission[]> = {
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

/** What somebody may do: with what is theirs, everywhere by their roles, and on single repositories. */
export interface Access {
  own: readonly Permission[];
  permissions: readonly Permission[];
  grants: readonly { repositoryId: string; permissions: readonly Permission[] }[];
}

/** A rule as CASL reads it. */
export interface AccessRule {
  action: Action;
  subject: Subject | 'all';
  conditions?: { repositoryId: { $in: string[] } };
}

const isOfRepositories = (subject: string) => (REPOSITORY_SUBJECTS as readonly string[]).includes(subject);

/**
 * The one definition of who may do what: guard, SQL filters and panel all read these rules. A permission given on a
 * repository reaches only what belongs to it, and never makes a new repository.
 */
export function accessRules({ own, permissions, grants }: Access): AccessRule[] {
  const rules = [...new Set([...own, ...permissions])].map((permission): AccessRule => split(permission));
  const byPermission = new Map<Permission, string[]>();
  for (const { repositoryId, permissions: granted } of grants) {
    for (const permission of granted.flatMap(onRepositories)) {
      byPermission.set(permission, [...(byPermission.get(permission) ?? []), repositoryId]);
    }
  }
  for (const [permission, ids] of byPermission) {
    rules.push({ ...split(permission), conditions: { repositoryId: { $in: ids } } });
  }
  return rules;
}

/** Whether `held` covers `wanted`. */
export function covers(held: readonly Permission[], wanted: Permission): boolean {
  const { action, subject } = split(wanted);
  const forms: Permission[] = [`${action}:${subject}`, `manage:${subject}`, `${action}:all`, 'manage:all'];
  return forms.some((form) => held.includes(form));
}

/** Whether this is allowed on a repository, by a role that holds everywhere or one that is granted there. */
export function allows({ permissions, grants }: Access, wanted: Permission, repositoryId: string): boolean {
  const granted = grants.filter((grant) => grant.repositoryId === repositoryId);
  return [permissions, ...granted.map((grant) => grant.permissions)].some((held) => covers(held, wanted));
}

function split(permission: Permission): AccessRule {
  const [action, subject] = permission.split(':') as [Action, Subject | 'all'];
  return { action, subject };
}

/** `manage:all` on a repository means everything that belongs to it. */
function onRepositories(permission: Permission): Permission[] {
  const { action, subject } = split(permission);
  const subjects = subject === 'all' ? REPOSITORY_SUBJECTS : isOfRepositories(subject) ? [subject] : [];
  return subjects.map((name): Permission => `${action}:${name}`).filter((name) => name !== 'create:Repository');
}
