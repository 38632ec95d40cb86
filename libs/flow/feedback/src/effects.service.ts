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

/** Throws where the caller has lost the right to act for the run. */
export type Fence = () => Promise<void>;

/** Changes the outside world once for each key, however often that is asked for, and writes it into the audit log. */
@Injectable()
export class Effects {
  constructor(
    @Inject(EffectRepository) private readonly effects: EffectRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(AuditLog) private readonly log: AuditLog,
  ) {}

  /**
   * Answers what the act answered, now or when it was first done. Does nothing for a worker that has lost the run: `fence`
   * throws before anything is written. `act` looks first whether it was done by a process that died.
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
    const effect = await this.effects.begin({ ...intent, status: 'pending', answer: null, error: null });
    if (effect.status === 'done') return effect.answer as T;
    try {
      const answer = await act();
      await this.note(run, kind, { ...request, ...answer });
      await this.finish(effect, { status: 'done', answer, error: null });
      return answer;
    } catch (error) {
      // A database that broke off says nothing about the effect: it stays an intent, and is looked up again.
      if (isInfrastructureOutage(error)) throw error;
      const { message } = error as Error;
      await this.finish(effect, { status: 'failed', answer: null, error: message });
      const refusal = error instanceof DomainError && !(error instanceof UnavailableError);
      throw refusal ? error : new UnavailableError('forge', message);
    }
  }

  private finish({ id }: Effect, patch: Pick<Effect, 'status' | 'answer' | 'error'>): Promise<void> {
    return this.effects.finish(id, { ...patch, updatedAt: this.clock.now() });
  }

  private async note(run: Run, kind: Effect['kind'], after: Record<string, unknown>): Promise<void> {
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
