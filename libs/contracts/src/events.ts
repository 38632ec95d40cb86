/** Names of the live events of `GET /api/v1/events` and `GET /api/v1/runs/:id/events`. */
export const EVENT_TYPES = ['repository', 'task', 'comment', 'run', 'step', 'change', 'finding', 'insight'] as const;
export type EventType = (typeof EVENT_TYPES)[number];
