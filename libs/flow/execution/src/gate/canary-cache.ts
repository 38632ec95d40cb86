import { createHash } from 'node:crypto';
import type { Canary, Clock, Run, StoredItemRepository } from '@teko/domain';
import type { Calibration } from './failing-tests';
import type { TestPlan } from './test-plan';

/** Namespace of the stored items. */
export const CANARIES = 'gate.canaries';
/** Increased when canaries change, so that earlier results are not used. */
const VERSION = 2;

/** What canaries showed about the tests of a base commit. */
export interface BaseCanaries {
  broken: Canary;
  calibration: Calibration | null;
}

/** Keeps the canaries of base commits for later runs of the repository with the same commands in the same kind of sandbox. */
export class CanaryCache {
  constructor(
    private readonly items: StoredItemRepository,
    private readonly clock: Clock,
  ) {}

  async find(run: Run, plan: TestPlan, commit: string): Promise<Partial<BaseCanaries>> {
    const item = await this.items.findNewest(CANARIES, keyOf(run, plan, commit));
    return (item?.value ?? {}) as Partial<BaseCanaries>;
  }

  async save(run: Run, plan: TestPlan, commit: string, canaries: Partial<BaseCanaries>): Promise<void> {
    const now = this.clock.now();
    await this.items.put({
      taskId: run.taskId,
      namespace: CANARIES,
      key: keyOf(run, plan, commit),
      value: { ...canaries },
      createdAt: now,
      updatedAt: now,
    });
  }
}

function keyOf(run: Run, plan: TestPlan, commit: string): string {
  const { test, setup, runner } = plan;
  const parts = [VERSION, run.repositoryId, commit, test, setup, runner?.id ?? null, run.sandbox];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
