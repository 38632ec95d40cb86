/** Codes of domain errors. Each maps to one HTTP status in the API and one decision in the worker (retry, give up or ask a human). */
export type ErrorCode =
  | 'not_found'
  | 'invalid'
  | 'conflict'
  | 'forbidden'
  | 'unauthenticated'
  | 'illegal_transition'
  | 'lease_lost'
  | 'unavailable'
  | 'internal';

/** Base class of all expected errors. The message is safe to show to a user. */
export class DomainError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = new.target.name;
  }
}

export class NotFoundError extends DomainError {
  constructor(noun: string, id: string) {
    super('not_found', `${noun} ${id} does not exist`, { noun, id });
  }
}

/** Invalid input. `errors` maps each invalid field to a message that says how to fix it. */
export class InvalidError extends DomainError {
  constructor(readonly errors: Record<string, string>) {
    super(
      'invalid',
      Object.entries(errors)
        .map(([field, message]) => `${field}: ${message}`)
        .join('; '),
      { errors },
    );
  }
}

export class ConflictError extends DomainError {
  constructor(message: string, details: Record<string, unknown> = {}) {
    super('conflict', message, details);
  }
}

export class IllegalTransitionError extends DomainError {
  constructor(noun: string, from: string, to: string) {
    super('illegal_transition', `a ${noun} cannot go from ${from} to ${to}`, { noun, from, to });
  }
}

/** Another worker has claimed the run; this one can no longer write to it. */
export class LeaseLostError extends DomainError {
  constructor(runId: string) {
    super('lease_lost', `run ${runId} now belongs to another worker`, { runId });
  }
}

/** A dependency (model, sandbox, Git remote, database) failed or is unreachable. `remedy` tells the user how to fix it. */
export class UnavailableError extends DomainError {
  constructor(
    readonly service: string,
    message: string,
    readonly remedy?: string,
  ) {
    super('unavailable', remedy ? `${message}. ${remedy}` : message, { service });
  }
}

/** Whether the forge is temporarily unreachable or limits requests, so that a retry can succeed. */
export function isForgeOutage(error: unknown): error is UnavailableError {
  return error instanceof UnavailableError && error.service === 'forge';
}

/** Whether Teko's own database or Redis is unreachable. Such an error does not count against the work that hit it. */
export function isInfrastructureOutage(error: unknown): error is UnavailableError {
  return error instanceof UnavailableError && ['database', 'redis'].includes(error.service);
}
