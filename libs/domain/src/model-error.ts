import { DomainError } from './errors';

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
