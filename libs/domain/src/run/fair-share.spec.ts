import { describe, expect, it } from 'vitest';
import { nextRun, runsAhead, type QueuedHead, type ShareRules } from './fair-share';

const now = new Date('2026-03-01T12:00:00.000Z');
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const head = (repositoryId: string, number: number, priority = 20, hours = 0): QueuedHead => {
  return { repositoryId, userId: null, number, priority, queuedAt: ago(hours) };
};

const rules = (more: Partial<ShareRules> = {}): ShareRules => ({ now, cap: null, weights: {}, ...more });
const activeRuns = (repositories: Record<string, number> = {}, users: Record<string, number> = {}) => ({
  repositories,
  users,
});

describe('nextRun', () => {
  it('takes from the repository that has the least at work, however urgent others are', () => {
    const heads = [head('busy', 1, 40, 5), head('quiet', 900, 10)];
    expect(nextRun(heads, activeRuns({ busy: 1 }), rules())).toBe(900);
    expect(nextRun(heads, activeRuns({ busy: 1, quiet: 1 }), rules())).toBe(1);
  });

  it('takes what is most urgent, then what is oldest', () => {
    expect(nextRun([head('a', 1), head('a', 5, 40), head('b', 2)], activeRuns(), rules())).toBe(5);
    expect(nextRun([head('a', 7), head('b', 3)], activeRuns(), rules())).toBe(3);
  });

  it('lets nothing wait for ever', () => {
    expect(nextRun([head('a', 1, 10, 3.1), head('a', 2, 40)], activeRuns(), rules())).toBe(1);
  });

  it('gives a repository with a weight its multiple of the places', () => {
    const heads = [head('heavy', 1), head('light', 2)];
    const weights = { heavy: 3 };
    expect(nextRun(heads, activeRuns({ heavy: 2, light: 1 }), rules({ weights }))).toBe(1);
    expect(nextRun(heads, activeRuns({ heavy: 4, light: 1 }), rules({ weights }))).toBe(2);
  });

  it('inside a repository takes from the user who has the least at work', () => {
    const heads = [
      { ...head('a', 1, 40), userId: 'ada' },
      { ...head('a', 9, 10), userId: 'bob' },
    ];
    expect(nextRun(heads, activeRuns({}, { ada: 1 }), rules())).toBe(9);
    expect(nextRun(heads, activeRuns({}, { ada: 1, bob: 1 }), rules())).toBe(1);
  });

  it('keeps to the cap, and to nothing', () => {
    const heads = [head('a', 1), head('b', 2)];
    expect(nextRun(heads, activeRuns({ a: 2, b: 3 }), rules({ cap: 3 }))).toBe(1);
    expect(nextRun(heads, activeRuns({ a: 3, b: 3 }), rules({ cap: 3 }))).toBeNull();
    expect(nextRun([], activeRuns(), rules())).toBeNull();
  });
});

describe('runsAhead', () => {
  it('counts what begins before, as the shares change with each that begins', () => {
    const flood = Array.from({ length: 50 }, (_, i) => head('flood', i + 1, 40));
    const queued = [...flood, head('quiet', 100), head('quiet', 101)];
    expect(runsAhead(queued, 1, activeRuns(), rules())).toBe(0);
    expect(runsAhead(queued, 100, activeRuns(), rules())).toBe(1);
    expect(runsAhead(queued, 101, activeRuns(), rules())).toBe(3);
    expect(runsAhead(queued, 50, activeRuns(), rules())).toBe(51);
    expect(runsAhead(queued, 100, activeRuns({ quiet: 2 }), rules())).toBe(3);
  });
});
