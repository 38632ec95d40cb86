import { FINAL_RUN_STATUSES, RUN_STATUSES, TASK_STATUSES } from '@teko/contracts';
import { describe, expect, it } from 'vitest';
import { IllegalTransitionError } from '../errors';
import { canMoveRun, isFinal, moveRun, type Run } from './run';
import { canMoveTask, moveTask, type Task } from '../task/task';

describe('task', () => {
  it('goes the whole way and back in again by a reply', () => {
    const way = ['new', 'analysed', 'queued', 'running', 'in_review', 'done', 'queued'] as const;
    way.slice(1).forEach((to, i) => expect(canMoveTask(way[i]!, to)).toBe(true));
  });

  it('refuses what is not on the way, naming both statuses', () => {
    expect(() => moveTask({ status: 'done' } as Task, 'running')).toThrow(
      new IllegalTransitionError('task', 'done', 'running'),
    );
  });

  it.each(TASK_STATUSES.filter((s) => !['done', 'failed', 'cancelled', 'blocked'].includes(s)))(
    '%s can fail, be cancelled and be blocked',
    (from) => {
      expect((['failed', 'cancelled', 'blocked'] as const).every((to) => canMoveTask(from, to))).toBe(true);
    },
  );
});

describe('run', () => {
  it('an interrupted run only goes back to queued or ends', () => {
    expect(RUN_STATUSES.filter((to) => canMoveRun('interrupted', to))).toEqual(['queued', 'failed', 'cancelled']);
  });

  it.each(FINAL_RUN_STATUSES)('%s is the end', (status) => {
    expect(isFinal(status)).toBe(true);
    expect(() => moveRun({ status } as Run, 'running')).toThrow(IllegalTransitionError);
  });
});
