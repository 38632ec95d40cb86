import type { TaskKind, TaskPriority, TaskSource, TaskStatus } from '@teko/contracts';
import { IllegalTransitionError } from './errors';

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
  queued: ['running', ...LEAVES],
  running: ['needs_input', 'in_review', 'done', 'queued', ...LEAVES],
  needs_input: ['queued', 'in_review', 'done', ...LEAVES],
  in_review: ['queued', 'done', ...LEAVES],
  // A retry or a reply continues the same task.
  done: ['queued'],
  failed: ['new', 'queued', 'cancelled'],
  cancelled: ['new', 'queued'],
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

/** Something said on a task, by a person or by Teko. */
export interface Comment {
  id: string;
  taskId: string;
  runId: string | null;
  author: string;
  authorKind: 'user' | 'teko';
  body: string;
  /** Set for comments that Teko writes, so that one is written once. */
  idempotencyKey: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The idempotency key of a question that a run asks on its task; `id` tells questions of a run apart. */
export function questionKey(runId: string, id: string): string {
  return `run:${runId}:question:${id}`;
}

export function isQuestionOf(runId: string, { idempotencyKey }: Comment): boolean {
  return idempotencyKey?.startsWith(questionKey(runId, '')) ?? false;
}

/** What people said after the last comment that `isQuestion` finds, the oldest first; null where there is no such comment. */
export function answersTo(comments: Comment[], isQuestion: (comment: Comment) => boolean): Comment[] | null {
  const place = comments.findLastIndex(isQuestion);
  return place < 0 ? null : comments.slice(place + 1).filter(({ authorKind }) => authorKind === 'user');
}
