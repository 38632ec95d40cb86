import {
  RESERVED_SOURCES,
  SUPPORTED_TASK_KINDS,
  TASK_KINDS,
  TASK_LIMITS,
  TASK_PRIORITIES,
  type TaskKind,
  type TaskPriority,
} from '@teko/contracts';
import { InvalidError } from '@teko/domain';

/** Collects validation errors by field and throws them together. */
export class FieldErrors {
  private readonly errors: Record<string, string> = {};

  /** Records `message` unless `isValid` is true. The first message of a field wins. */
  check(field: string, isValid: boolean, message: string): void {
    if (!isValid) this.errors[field] ??= message;
  }

  throwIfAny(): void {
    if (Object.keys(this.errors).length > 0) throw new InvalidError(this.errors);
  }
}

const INVALID_BRANCH = /^[-/.]|\.\.|\/\/|@\{|[\s~^:?*[\\]|[/.]$|\.lock$|\p{Cc}/u;

export function checkTitle(errors: FieldErrors, title: string): void {
  errors.check('title', title.trim().length > 0, 'must not be empty');
  errors.check('title', title.length <= TASK_LIMITS.title, `must have at most ${TASK_LIMITS.title} characters`);
}

export function checkDescription(errors: FieldErrors, description: string): void {
  const isValid = description.length <= TASK_LIMITS.description;
  errors.check('description', isValid, `must have at most ${TASK_LIMITS.description} characters`);
}

export function checkPriority(errors: FieldErrors, priority: TaskPriority): void {
  errors.check('priority', TASK_PRIORITIES.includes(priority), `must be one of ${TASK_PRIORITIES.join(', ')}`);
}

export function checkBranch(errors: FieldErrors, branch: string | null): void {
  if (branch === null) return;
  const isValid = branch.length > 0 && branch.length <= TASK_LIMITS.branch && !INVALID_BRANCH.test(branch);
  errors.check('baseBranch', isValid, 'must be a valid branch name, or empty for the default branch');
}

export function checkKind(errors: FieldErrors, kind: TaskKind): void {
  errors.check('kind', TASK_KINDS.includes(kind), `must be one of ${SUPPORTED_TASK_KINDS.join(', ')}`);
  const supported = (SUPPORTED_TASK_KINDS as readonly string[]).includes(kind);
  errors.check('kind', supported, `is not supported by any agent yet; use ${SUPPORTED_TASK_KINDS.join(' or ')}`);
}

/** Checks a key that a user or another system chose. Such keys cannot take the place of those that Teko assigns. */
export function checkForeignSourceKey(errors: FieldErrors, key: string): void {
  errors.check('sourceKey', !/\p{C}/u.test(key), 'must not contain control or invisible characters');
  // Compared as people see it: `ＧitHub: 5` is reserved too.
  const [, source] = /^\s*([\p{L}\p{N}]+)[^:]*:/u.exec(key.normalize('NFKC').toLowerCase()) ?? [];
  const isReserved = (RESERVED_SOURCES as readonly string[]).includes(source ?? '');
  errors.check('sourceKey', !isReserved, `must not begin with ${RESERVED_SOURCES.join(', ')}: Teko assigns such keys`);
}

export function checkSourceKey(errors: FieldErrors, key: string): void {
  const isValid = key.trim().length > 0 && key.length <= TASK_LIMITS.sourceKey;
  errors.check('sourceKey', isValid, `must have 1 to ${TASK_LIMITS.sourceKey} characters`);
}
