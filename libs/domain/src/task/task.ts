import type { TaskKind, TaskPriority, TaskSource, TaskStatus } from '@teko/contracts';
import { IllegalTransitionError } from '../errors';

/** A piece of work. There is exactly one task per repository and source key. */
export interface Task {
  id: string;
  /** Short sequential number for humans ("task 12"), unique. */
  number: number;
  repositoryId: string;
  kind: TaskKind;
  title: string;
  description: string;
  priority: TaskPriority;
  status: TaskStatus;
  /** Why the task is in its status, shown to users. */
  statusReason: string | null;
  source: TaskSource;
  sourceKey: string;
  sourceUrl: string | null;
  /** Number of the issue or pull request that the task came from; null if there is none. */
  issueNumber: number | null;
  /** Login of the user who requested the task on the forge; null if it was created in Teko. */
  requestedBy: string | null;
  /** Key of the external comment that requested the task, so that a redelivered comment has no effect; null if there is none. */
  triggerKey: string | null;
  /** Whether the plan has to be approved before any change, regardless of the repository's rule. */
  planFirst: boolean;
  /** Branch to start from; null is the default branch. */
  baseBranch: string | null;
  /** For a review: the change to review. */
  changeId: string | null;
  /** Whether existing tests can be changed. If false, a changed test that hides a failure is rejected. */
  allowTestChanges: boolean;
  /** Whether the task reports a bug. The gate then requires a test that fails before the change and passes after it. */
  isBug: boolean;
  /** Ids of tasks that have to be done first; null if there are none. */
  blockedBy: string[] | null;
  demo: boolean;
  createdById: string | null;
  createdAt: Date;
  updatedAt: Date;
}

const EXITS: TaskStatus[] = ['failed', 'cancelled', 'blocked'];

const TASK_TRANSITIONS: Record<TaskStatus, TaskStatus[]> = {
  new: ['analysed', ...EXITS],
  analysed: ['queued', ...EXITS],
  // A cancelled follow-up leaves its change in review.
  queued: ['running', 'in_review', ...EXITS],
  running: ['needs_input', 'in_review', 'done', 'queued', ...EXITS],
  needs_input: ['queued', 'in_review', 'done', ...EXITS],
  in_review: ['queued', 'done', ...EXITS],
  // A retry or a reply continues the same task.
  done: ['queued'],
  // A submitted change can be merged even if the task failed or was cancelled later.
  failed: ['new', 'queued', 'done', 'cancelled'],
  cancelled: ['new', 'queued', 'done'],
  blocked: ['new', 'queued', 'failed', 'cancelled'],
};

/** Returns the task in its new status. Throws IllegalTransitionError if the transition is not allowed. */
export function moveTask(task: Task, to: TaskStatus, reason: string | null = null): Task {
  if (!TASK_TRANSITIONS[task.status].includes(to)) throw new IllegalTransitionError('task', task.status, to);
  return { ...task, status: to, statusReason: reason };
}

export function canMoveTask(from: TaskStatus, to: TaskStatus): boolean {
  return TASK_TRANSITIONS[from].includes(to);
}
