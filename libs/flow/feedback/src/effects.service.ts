import { Inject, Injectable } from '@nestjs/common';
import {
  Clock,
  DomainError,
  EffectRepository,
  Ids,
  isInfrastructureOutage,
  UnavailableError,
  type Effect,
  type Run,
} from '@teko/domain';
import { AuditLog } from '@teko/platform';

/** Throws LeaseLostError if the caller no longer holds the run. */
export type Fence = () => Promise<void>;

/** Applies external side effects exactly once per key and records them in the audit log. */
@Injectable()
export class Effects {
  constructor(
    @Inject(EffectRepository) private readonly effects: EffectRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(AuditLog) private readonly log: AuditLog,
  ) {}

  /**
   * Runs `act` once per key and returns its result, from this call or from an earlier one. `fence` throws before anything is
   * written if the worker has lost the run. `act` must check first whether a process that died has already done the work.
   */
  async once<T extends Record<string, unknown>>(
    run: Run,
    fence: Fence,
    { kind, request, key = effectKey(run, kind) }: Pick<Effect, 'kind' | 'request'> & { key?: string },
    act: () => Promise<T>,
  ): Promise<T> {
    const now = this.clock.now();
    const intent = { id: this.ids.next(), key, runId: run.id, kind, request, createdAt: now, updatedAt: now };
    await fence();
    const effect = await this.effects.begin({ ...intent, status: 'pending', result: null, error: null });
    if (effect.status === 'done') return effect.result as T;
    try {
      const result = await act();
      await this.audit(run, kind, { ...request, ...result });
      await this.finish(effect, { status: 'done', result, error: null });
      return result;
    } catch (error) {
      // After a database outage the result is unknown: the effect stays pending and is checked again.
      if (isInfrastructureOutage(error)) throw error;
      const { message } = error as Error;
      await this.finish(effect, { status: 'failed', result: null, error: message });
      const isRefused = error instanceof DomainError && !(error instanceof UnavailableError);
      throw isRefused ? error : new UnavailableError('forge', message);
    }
  }

  private finish({ id }: Effect, patch: Pick<Effect, 'status' | 'result' | 'error'>): Promise<void> {
    return this.effects.finish(id, { ...patch, updatedAt: this.clock.now() });
  }

  private async audit(run: Run, kind: Effect['kind'], after: Record<string, unknown>): Promise<void> {
    await this.log.record({
      actorName: 'Teko',
      action: `effects.${kind}`,
      subjectType: 'Run',
      subjectId: run.id,
      repositoryId: run.repositoryId,
      after,
    });
  }
}

export function effectKey({ id }: Run, kind: Effect['kind']): string {
  return `run:${id}:${kind}`;
}
