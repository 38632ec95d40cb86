/** For calls that make nothing new when they come twice, though they are POSTs. */
export const REPEATABLE = { request: { isRepeatable: true } };
