import type { TaskKind, TaskPriority, TaskSource, TaskStatus } from '@teko/contracts';
import { IllegalTransitionError } from '../errors';

/** A piece of work. Exactly one exists for each source key. */
export interface Task {
  id: string;
  /** Short number people say ("task 12"), unique, counted up. */
  number: number;
  repositoryId: string;
  kind: TaskKind;
  title: string;
  description: string;
  priority: TaskPriority;
  status: TaskStatus;
  /** Why the task is in its status, for the user. */
  statusReason: string | null;
  source: TaskSource;
  sourceKey: string;
  sourceUrl: string | null;
  /** Number of the issue, or of the pull request, that it came from; null where it came from none. */
  issueNumber: number | null;
  /** Login of who asked for it on the forge; null where it was asked for in Teko. */
  requestedBy: string | null;
  /** What asked for it outside, where that was a comment: told of again it asks for nothing more. */
  triggerKey: string | null;
  /** The plan is approved before anything is changed, whatever the repository's rule says. */
  planFirst: boolean;
  /** Branch to start from; null is the default branch. */
  baseBranch: string | null;
  /** For a review: the change to look at. */
  changeId: string | null;
  /** The ticket allows existing tests to be altered; else an altered test that hides a failure is refused. */
  allowTestChanges: boolean;
  /** Tasks that have to be done first; null for none. */
  blockedBy: string[] | null;
  demo: boolean;
  createdById: string | null;
  createdAt: Date;
  updatedAt: Date;
}

const LEAVES: TaskStatus[] = ['failed', 'cancelled', 'blocked'];

const TASK_TRANSITIONS: Record<TaskStatus, TaskStatus[]> = {
  new: ['analysed', ...LEAVES],
  analysed: ['queued', ...LEAVES],
  // A follow-up that was stopped leaves its change in review.
  queued: ['running', 'in_review', ...LEAVES],
  running: ['needs_input', 'in_review', 'done', 'queued', ...LEAVES],
  needs_input: ['queued', 'in_review', 'done', ...LEAVES],
  in_review: ['queued', 'done', ...LEAVES],
  // A retry or a reply continues the same task.
  done: ['queued'],
  // A change that was given back can be merged whatever became of the task since.
  failed: ['new', 'queued', 'done', 'cancelled'],
  cancelled: ['new', 'queued', 'done'],
  blocked: ['new', 'queued', 'failed', 'cancelled'],
};

/** Answers the task in its new status, or refuses with an error that names both statuses. */
export function moveTask(task: Task, to: TaskStatus, reason: string | null = null): Task {
  if (!TASK_TRANSITIONS[task.status].includes(to)) throw new IllegalTransitionError('task', task.status, to);
  return { ...task, status: to, statusReason: reason };
}

export function canMoveTask(from: TaskStatus, to: TaskStatus): boolean {
  return TASK_TRANSITIONS[from].includes(to);
}
