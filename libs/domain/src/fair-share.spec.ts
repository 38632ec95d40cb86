import { describe, expect, it } from 'vitest';
import { nextRun, type QueuedHead } from './fair-share';

const now = new Date('2026-03-01T12:00:00.000Z');
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const head = (repositoryId: string, number: number, priority = 20, hours = 0): QueuedHead => {
  return { repositoryId, number, priority, queuedAt: ago(hours) };
};

describe('nextRun', () => {
  it('takes from the repository that has the least at work, however urgent others are', () => {
    const heads = [head('busy', 1, 40, 5), head('quiet', 900, 10)];
    expect(nextRun(heads, { busy: 1 }, { now, cap: null })).toBe(900);
    expect(nextRun(heads, { busy: 1, quiet: 1 }, { now, cap: null })).toBe(1);
  });

  it('takes what is most urgent, then what is oldest', () => {
    const none = { now, cap: null };
    expect(nextRun([head('a', 1), head('a', 5, 40), head('b', 2)], {}, none)).toBe(5);
    expect(nextRun([head('a', 7), head('b', 3)], {}, none)).toBe(3);
  });

  it('lets nothing wait for ever', () => {
    expect(nextRun([head('a', 1, 10, 3.1), head('a', 2, 40)], {}, { now, cap: null })).toBe(1);
  });

  it('keeps to the cap, and to nothing', () => {
    const heads = [head('a', 1), head('b', 2)];
    expect(nextRun(heads, { a: 2, b: 3 }, { now, cap: 3 })).toBe(1);
    expect(nextRun(heads, { a: 3, b: 3 }, { now, cap: 3 })).toBeNull();
    expect(nextRun([], {}, { now, cap: null })).toBeNull();
  });
});
