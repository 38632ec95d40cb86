/** Options for POST requests that can be retried, because repeating them has no further effect. */
export const IDEMPOTENT = { request: { isIdempotent: true } };
