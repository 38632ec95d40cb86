import type { Clock, Ids } from '@teko/domain';
import { v7 } from 'uuid';

export const systemClock: Clock = { now: () => new Date() };

/** UUIDs of version 7, which sort by creation time. */
export const uuids: Ids = { next: () => v7() };
