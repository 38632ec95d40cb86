import { DomainError } from '../errors';

/**
 * A model call without a usable reply. `retriable`: the same call may succeed later. `unpaid`: the call certainly cost
 * nothing because the provider rejected it or never received it.
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

/** The provider rejected a request that exceeds the context window of the model. */
export class ContextLengthError extends ModelError {
  constructor() {
    super('the request exceeds the context window of the model; set TEKO_CONTEXT_TOKENS well below it', false, 400);
  }
}
