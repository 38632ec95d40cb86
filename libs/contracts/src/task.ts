export const TASK_KINDS = ['implement', 'review', 'story', 'analyse'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** Kinds that this version supports; the others are rejected when a task is created. */
export const SUPPORTED_TASK_KINDS = ['implement', 'review'] as const satisfies readonly TaskKind[];

export const TASK_PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type TaskPriority = (typeof TASK_PRIORITIES)[number];

/** Where tasks come from; see TASK_SOURCE_MEANINGS. */
export const TASK_SOURCES = ['form', 'api', 'demo', 'github', 'jira'] as const;
export type TaskSource = (typeof TASK_SOURCES)[number];

export const TASK_SOURCE_MEANINGS: Record<TaskSource, string> = {
  form: 'Created in Teko without a `sourceKey`.',
  api: 'Created in Teko with a `sourceKey`.',
  demo: 'Part of the demo workspace.',
  github: 'Created from an issue or a comment on GitHub.',
  jira: 'Reserved for Jira.',
};

/** First words of the source keys that Teko and its integrations assign, such as `github:12#5` and `form:<id>`. */
export const RESERVED_SOURCES = [
  'form',
  'demo',
  'github',
  'jira',
  'slack',
  'telegram',
  'smtp',
  'local',
  'teko',
] as const;

/** Statuses of a task; see TASK_STATUS_MEANINGS. */
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

export const TASK_STATUS_MEANINGS: Record<TaskStatus, string> = {
  new: 'Waits until its repository is analysed.',
  analysed: 'Its repository was analysed; its run is created next.',
  queued: 'Its run is queued, or waits for its model or the forge.',
  running: 'A worker executes its run.',
  needs_input: 'Its run waits for an approval or for the answer to a question.',
  in_review: 'Its change waits to be reviewed and merged.',
  done: 'Its change was merged, its review is complete, or it was marked as done.',
  failed: 'Its last run failed.',
  cancelled: 'It was cancelled, or its issue or pull request was closed.',
  blocked: 'Waits for other tasks, or cannot start; `statusReason` says which.',
};

/** Maximum lengths in characters, shown by the form and enforced by the API. */
export const TASK_LIMITS = { title: 200, description: 50_000, sourceKey: 200, branch: 200 } as const;
