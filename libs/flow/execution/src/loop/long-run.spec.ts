import { inMemoryRepositories } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { CONTEXT_TOKENS } from './agent-loop.fixture';
import { longRun, type StepCost } from './long-run.fixture';

const STEPS = 300;
const max = (steps: StepCost[], key: keyof StepCost) => Math.max(...steps.map((step) => step[key]));
const sum = (steps: StepCost[], key: keyof StepCost) => steps.reduce((all, step) => all + step[key], 0);

describe('a run of 300 steps', () => {
  it.each([
    ['results of 4 kB', 4_000],
    ['short results that need no summary', 150],
  ])('costs no more at its end than at its start, with %s', async (_what, resultBytes) => {
    const repos = inMemoryRepositories();
    const { steps, summaries } = await longRun(repos, { steps: STEPS, resultBytes });
    expect(steps).toHaveLength(STEPS);
    const [early, late] = [steps.slice(0, 100), steps.slice(-100)];
    expect(max(late, 'checkpointBytes')).toBeLessThan(max(early, 'checkpointBytes') * 1.2 + 1_000);
    expect(max(steps, 'checkpointBytes')).toBeLessThan(8_000);
    expect(sum(late, 'writtenRows')).toBeLessThanOrEqual(sum(early, 'writtenRows') + 10);
    expect(sum(late, 'writtenBytes')).toBeLessThan(sum(early, 'writtenBytes') * 1.3);
    expect(max(steps, 'tokens')).toBeLessThanOrEqual(CONTEXT_TOKENS);
    expect(summaries).toBeLessThan(10);

    const { CheckpointRepository: checkpoints } = repos;
    const stored = await checkpoints.list('run', '');
    expect(stored).toHaveLength(3);
  });
});
