/** Every way the program refuses something. Each code maps to one HTTP status in the API and one verdict in the worker. */
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

/** Base of all errors that Teko throws on purpose; the message is safe to show to a user. */
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

/** Bad input; `errors` maps a field to what is wrong with it and what to do. */
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

/** The right to write about a run has passed to another worker. */
export class LeaseLostError extends DomainError {
  constructor(runId: string) {
    super('lease_lost', `run ${runId} now belongs to another worker`, { runId });
  }
}

/** An outside thing (model, sandbox, git remote, database) did not do its part. `remedy` says what to do about it. */
export class UnavailableError extends DomainError {
  constructor(
    readonly service: string,
    message: string,
    readonly remedy?: string,
  ) {
    super('unavailable', remedy ? `${message}. ${remedy}` : message, { service });
  }
}

/** The forge does not answer, or wants to be asked later: that passes. */
export function isForgeOutage(error: unknown): error is UnavailableError {
  return error instanceof UnavailableError && error.service === 'forge';
}

/** What Teko itself stands on is away: that says nothing about the work that noticed it. */
export function isOwnOutage(error: unknown): error is UnavailableError {
  return error instanceof UnavailableError && ['database', 'redis'].includes(error.service);
}
