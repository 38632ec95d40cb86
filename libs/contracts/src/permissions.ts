export const SUBJECTS = [
  'Repository',
  'CodebaseProfile',
  'Task',
  'Comment',
  'Run',
  'Step',
  'Change',
  'Finding',
  'AgentProfile',
  'Dashboard',
  'Demo',
  'Setting',
  'Session',
  'User',
] as const;
export type Subject = (typeof SUBJECTS)[number];

export const ACTIONS = ['read', 'create', 'update', 'delete', 'manage'] as const;
export type Action = (typeof ACTIONS)[number];

export const ROLES = ['admin', 'maintainer', 'developer', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

export interface PermissionRule {
  action: Action | Action[];
  subject: Subject | Subject[] | 'all';
}

const readWork: PermissionRule = {
  action: 'read',
  subject: [
    'Repository',
    'CodebaseProfile',
    'Task',
    'Comment',
    'Run',
    'Step',
    'Change',
    'Finding',
    'AgentProfile',
    'Dashboard',
  ],
};
const ownSession: PermissionRule = { action: ['read', 'delete'], subject: 'Session' };

/** What each seeded role may do. One definition for API guard and panel; nothing listed means refused. */
export const ROLE_RULES: Record<Role, PermissionRule[]> = {
  admin: [{ action: 'manage', subject: 'all' }],
  maintainer: [
    readWork,
    ownSession,
    { action: ['create', 'update', 'delete'], subject: ['Repository', 'Task', 'Comment', 'Run', 'Change', 'Finding'] },
    { action: 'read', subject: 'Setting' },
    { action: 'delete', subject: 'Demo' },
  ],
  developer: [
    readWork,
    ownSession,
    { action: ['create', 'update'], subject: ['Task', 'Comment', 'Run'] },
    { action: 'update', subject: 'Finding' },
  ],
  viewer: [readWork, ownSession],
};
