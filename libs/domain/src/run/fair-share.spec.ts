import { describe, expect, it } from 'vitest';
import { nextRun, runsAhead, type QueuedHead, type ShareRules } from './fair-share';

const now = new Date('2026-03-01T12:00:00.000Z');
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const head = (repositoryId: string, number: number, priority = 20, hours = 0): QueuedHead => {
  return { repositoryId, userId: null, number, priority, queuedAt: ago(hours) };
};

const rules = (overrides: Partial<ShareRules> = {}): ShareRules => ({ now, cap: null, weights: {}, ...overrides });
const activeRuns = (repositories: Record<string, number> = {}, users: Record<string, number> = {}) => ({
  repositories,
  users,
});

describe('nextRun', () => {
  it('prefers the repository with the fewest active runs, even if others have more urgent ones', () => {
    const heads = [head('busy', 1, 40, 5), head('quiet', 900, 10)];
    expect(nextRun(heads, activeRuns({ busy: 1 }), rules())).toBe(900);
    expect(nextRun(heads, activeRuns({ busy: 1, quiet: 1 }), rules())).toBe(1);
  });

  it('prefers the most urgent run, then the oldest', () => {
    expect(nextRun([head('a', 1), head('a', 5, 40), head('b', 2)], activeRuns(), rules())).toBe(5);
    expect(nextRun([head('a', 7), head('b', 3)], activeRuns(), rules())).toBe(3);
  });

  it('raises the priority of a run that has waited long', () => {
    expect(nextRun([head('a', 1, 10, 3.1), head('a', 2, 40)], activeRuns(), rules())).toBe(1);
  });

  it('gives a repository slots in proportion to its weight', () => {
    const heads = [head('heavy', 1), head('light', 2)];
    const weights = { heavy: 3 };
    expect(nextRun(heads, activeRuns({ heavy: 2, light: 1 }), rules({ weights }))).toBe(1);
    expect(nextRun(heads, activeRuns({ heavy: 4, light: 1 }), rules({ weights }))).toBe(2);
  });

  it('within a repository, prefers the user with the fewest active runs', () => {
    const heads = [
      { ...head('a', 1, 40), userId: 'ada' },
      { ...head('a', 9, 10), userId: 'bob' },
    ];
    expect(nextRun(heads, activeRuns({}, { ada: 1 }), rules())).toBe(9);
    expect(nextRun(heads, activeRuns({}, { ada: 1, bob: 1 }), rules())).toBe(1);
  });

  it('returns null if every repository has reached the cap or nothing is queued', () => {
    const heads = [head('a', 1), head('b', 2)];
    expect(nextRun(heads, activeRuns({ a: 2, b: 3 }), rules({ cap: 3 }))).toBe(1);
    expect(nextRun(heads, activeRuns({ a: 3, b: 3 }), rules({ cap: 3 }))).toBeNull();
    expect(nextRun([], activeRuns(), rules())).toBeNull();
  });
});

describe('runsAhead', () => {
  it('counts the runs that start earlier and updates the load with each start', () => {
    const flood = Array.from({ length: 50 }, (_, i) => head('flood', i + 1, 40));
    const queued = [...flood, head('quiet', 100), head('quiet', 101)];
    expect(runsAhead(queued, 1, activeRuns(), rules())).toBe(0);
    expect(runsAhead(queued, 100, activeRuns(), rules())).toBe(1);
    expect(runsAhead(queued, 101, activeRuns(), rules())).toBe(3);
    expect(runsAhead(queued, 50, activeRuns(), rules())).toBe(51);
    expect(runsAhead(queued, 100, activeRuns({ quiet: 2 }), rules())).toBe(3);
  });
});
