import { inMemoryRepositories } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { CONTEXT_TOKENS } from './loop.fixture';
import { longRun, type StepCost } from './long-run.fixture';

const STEPS = 300;
const most = (steps: StepCost[], what: keyof StepCost) => Math.max(...steps.map((step) => step[what]));
const sum = (steps: StepCost[], what: keyof StepCost) => steps.reduce((all, step) => all + step[what], 0);

describe('a run of 300 steps', () => {
  it.each([
    ['results of four kilobytes', 4_000],
    ['short results, which need no summary', 150],
  ])('costs as much at its end as at its begin, with %s', async (_what, resultBytes) => {
    const repos = inMemoryRepositories();
    const { steps, summaries } = await longRun(repos, { steps: STEPS, resultBytes });
    expect(steps).toHaveLength(STEPS);
    const [early, late] = [steps.slice(0, 100), steps.slice(-100)];
    expect(most(late, 'checkpointBytes')).toBeLessThan(most(early, 'checkpointBytes') * 1.2 + 1_000);
    expect(most(steps, 'checkpointBytes')).toBeLessThan(8_000);
    expect(sum(late, 'writtenRows')).toBeLessThanOrEqual(sum(early, 'writtenRows') + 10);
    expect(sum(late, 'writtenBytes')).toBeLessThan(sum(early, 'writtenBytes') * 1.3);
    expect(most(steps, 'tokens')).toBeLessThanOrEqual(CONTEXT_TOKENS);
    expect(summaries).toBeLessThan(10);

    const { CheckpointRepository: checkpoints } = repos;
    const kept = await checkpoints.list('run', '');
    expect(kept).toHaveLength(3);
  });
});
