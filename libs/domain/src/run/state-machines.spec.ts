import { FINAL_RUN_STATUSES, RUN_STATUSES, TASK_STATUSES } from '@teko/contracts';
import { describe, expect, it } from 'vitest';
import { IllegalTransitionError } from '../errors';
import { canMoveRun, isFinal, moveRun, type Run } from './run';
import { canMoveTask, moveTask, type Task } from '../task/task';

describe('task', () => {
  it('can go through all stages and be queued again by a reply', () => {
    const path = ['new', 'analysed', 'queued', 'running', 'in_review', 'done', 'queued'] as const;
    path.slice(1).forEach((to, i) => expect(canMoveTask(path[i]!, to)).toBe(true));
  });

  it('rejects other transitions with an error that names both statuses', () => {
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
  it('can only be queued again or end if it was interrupted', () => {
    expect(RUN_STATUSES.filter((to) => canMoveRun('interrupted', to))).toEqual(['queued', 'failed', 'cancelled']);
  });

  it.each(FINAL_RUN_STATUSES)('cannot leave the final status %s', (status) => {
    expect(isFinal(status)).toBe(true);
    expect(() => moveRun({ status } as Run, 'running')).toThrow(IllegalTransitionError);
  });
});
