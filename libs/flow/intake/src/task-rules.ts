import {
  SUPPORTED_TASK_KINDS,
  TASK_KINDS,
  TASK_LIMITS,
  TASK_PRIORITIES,
  type TaskKind,
  type TaskPriority,
} from '@teko/contracts';
import { InvalidError } from '@teko/domain';

/** Errors by field, thrown together. */
export class FieldErrors {
  private readonly errors: Record<string, string> = {};

  /** Keeps the first message of each field. */
  check(field: string, ok: boolean, message: string): void {
    if (!ok) this.errors[field] ??= message;
  }

  throwIfAny(): void {
    if (Object.keys(this.errors).length > 0) throw new InvalidError(this.errors);
  }
}

const OUTSIDE_BRANCH = /^[-/.]|\.\.|\/\/|@\{|[\s~^:?*[\\]|[/.]$|\.lock$|\p{Cc}/u;

export function checkTitle(errors: FieldErrors, title: string): void {
  errors.check('title', title.trim().length > 0, 'must say what is to be done');
  errors.check('title', title.length <= TASK_LIMITS.title, `must have at most ${TASK_LIMITS.title} characters`);
}

export function checkDescription(errors: FieldErrors, description: string): void {
  const ok = description.length <= TASK_LIMITS.description;
  errors.check('description', ok, `must have at most ${TASK_LIMITS.description} characters`);
}

export function checkPriority(errors: FieldErrors, priority: TaskPriority): void {
  errors.check('priority', TASK_PRIORITIES.includes(priority), `must be one of ${TASK_PRIORITIES.join(', ')}`);
}

export function checkBranch(errors: FieldErrors, branch: string | null): void {
  if (branch === null) return;
  const ok = branch.length > 0 && branch.length <= TASK_LIMITS.branch && !OUTSIDE_BRANCH.test(branch);
  errors.check('baseBranch', ok, 'must be the name of a branch, or empty for the default branch');
}

export function checkKind(errors: FieldErrors, kind: TaskKind): void {
  errors.check('kind', TASK_KINDS.includes(kind), `must be one of ${SUPPORTED_TASK_KINDS.join(', ')}`);
  const supported = (SUPPORTED_TASK_KINDS as readonly string[]).includes(kind);
  errors.check('kind', supported, `no agent of this version works on it; use ${SUPPORTED_TASK_KINDS.join(' or ')}`);
}

export function checkSourceKey(errors: FieldErrors, key: string): void {
  const ok = key.trim().length > 0 && key.length <= TASK_LIMITS.sourceKey;
  errors.check('sourceKey', ok, `must have 1 to ${TASK_LIMITS.sourceKey} characters`);
}
