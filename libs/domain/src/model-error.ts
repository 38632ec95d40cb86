import { DomainError } from './errors';

/** A model call that gave no usable answer. `retriable` says whether the same call may work later. */
export class ModelError extends DomainError {
  constructor(
    message: string,
    readonly retriable: boolean,
    readonly status: number | null = null,
  ) {
    super('unavailable', message, { retriable, status });
  }
}
