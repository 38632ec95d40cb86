import type { Clock, Ids } from '@teko/domain';
import { v7 } from 'uuid';

export const systemClock: Clock = { now: () => new Date() };

/** Version 7: sortable by time of creation. */
export const uuids: Ids = { next: () => v7() };
