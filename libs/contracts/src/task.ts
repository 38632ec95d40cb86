export const TASK_KINDS = ['implement', 'review', 'story', 'analyse'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** Kinds that this version supports; the others are rejected when a task is created. */
export const SUPPORTED_TASK_KINDS = ['implement', 'review'] as const satisfies readonly TaskKind[];

export const TASK_PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type TaskPriority = (typeof TASK_PRIORITIES)[number];

export const TASK_SOURCES = ['form', 'api', 'demo', 'github', 'jira'] as const;
export type TaskSource = (typeof TASK_SOURCES)[number];

export const TASK_STATUSES = [
  'new',
  'analysed',
  'queued',
  'running',
  'needs_input',
  'in_review',
  'done',
  'failed',
  'cancelled',
  'blocked',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Maximum lengths in characters, shown by the form and enforced by the API. */
export const TASK_LIMITS = { title: 200, description: 50_000, sourceKey: 200, branch: 200 } as const;
