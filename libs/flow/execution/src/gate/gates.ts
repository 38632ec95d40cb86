import { Inject, Injectable } from '@nestjs/common';
import { Clock, GitMirrors, StoredItemRepository } from '@teko/domain';
import type { RunContext } from '../run-context';
import { CanaryCache } from './canary-cache';
import { Gate } from './gate';
import type { TestPlan } from './test-plan';
import { TestRuns } from './test-runs';

/** Creates the gate of a run. */
@Injectable()
export class Gates {
  private readonly cache: CanaryCache;

  constructor(
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(StoredItemRepository) items: StoredItemRepository,
    @Inject(Clock) clock: Clock,
  ) {
    this.cache = new CanaryCache(items, clock);
  }

  of({ run, task, journal, workspaces, supervisor }: RunContext, plan: TestPlan): Gate {
    const runs = new TestRuns(
      run,
      plan,
      this.mirrors,
      (name, commit, use) => workspaces.withFreshCheckout(name, commit, use),
      journal,
      supervisor.signal,
    );
    return new Gate(task, runs, this.cache);
  }
}
