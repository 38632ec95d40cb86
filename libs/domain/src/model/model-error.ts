import { DomainError } from '../errors';

/**
 * A model call that gave no usable answer. `retriable` says whether the same call may work later, `unpaid` that it surely
 * cost nothing: it was refused, or never reached the provider.
 */
export class ModelError extends DomainError {
  constructor(
    message: string,
    readonly retriable: boolean,
    readonly status: number | null = null,
    readonly unpaid = status !== null,
  ) {
    super('unavailable', message, { retriable, status });
  }
}

/** The provider refused a question because it is longer than the model takes. */
export class TooLongError extends ModelError {
  constructor() {
    super('the question is longer than the model takes; set TEKO_CONTEXT_TOKENS well below its window', false, 400);
  }
}
