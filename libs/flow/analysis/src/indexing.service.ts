import { Inject, Injectable, Logger } from '@nestjs/common';
import type { IndexPhase } from '@teko/contracts';
import {
  Clock,
  CodeIndexRepository,
  DomainError,
  Ids,
  isInfrastructureOutage,
  Memory,
  newCodeIndex,
  RepositoryRepository,
  type CodeIndex,
} from '@teko/domain';
import { loadLinguist } from './linguist';
import { Backoff } from './backoff';

const LEASE_MS = 60_000;
const RENEW_INTERVAL_MS = 15_000;
const PROGRESS_INTERVAL_MS = 1_000;
const MAX_ATTEMPTS = 5;
const RETRY_DELAY_MS = 30_000;
/** The longest time that a check for repairs delays the indexing of new commits. */
const MAX_REPAIR_CHECK_MS = 3_000;
const NOT_FETCHED_YET = 'Nothing has been fetched yet; indexing starts after the first analysis.';
/** Compared with stored reasons, so the text must not change. */
const ABANDONED = `Its process ended ${MAX_ATTEMPTS} times while it was indexed, as where memory runs out; index it again to try once more.`;

/** Keeps the code index of every repository at the last fetched commit. */
@Injectable()
export class IndexingService {
  private readonly logger = new Logger(IndexingService.name);
  private readonly repairBackoff = new Backoff();
  /** The id of the repository that was checked last. */
  private lastChecked = '';

  constructor(
    @Inject(CodeIndexRepository) private readonly indexes: CodeIndexRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(Memory) private readonly memory: Memory,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Requests an index of the commit, unless it is current or in progress, or was abandoned because it crashed every process. */
  async requestIfOutdated(repositoryId: string, commit: string): Promise<void> {
    const index = await this.indexes.findByRepository(repositoryId);
    const isInProgress = index?.status === 'pending' || index?.status === 'indexing';
    const isAbandoned = index?.status === 'failed' && index.statusReason === ABANDONED;
    if (!index || (!isInProgress && !isAbandoned && index.commit !== commit)) await this.request(repositoryId);
  }

  /** Releases the leases of dead processes, so that their work continues at once. `findDead` returns the dead owners. */
  async releaseDeadLeases(findDead: (owners: string[]) => string[]): Promise<void> {
    const dead = findDead(await this.indexes.leaseOwners());
    if (dead.length > 0) await this.indexes.expireLeases(dead, this.clock.now());
  }

  /** Processes one due index. Returns its repository id, or null if none is due. */
  async indexNext(owner: string, shutdown: AbortSignal): Promise<string | null> {
    const index = await this.indexes.claim(this.clock.now(), owner, LEASE_MS);
    if (!index) return null;
    if (index.attempts < MAX_ATTEMPTS) await this.process(index, owner, shutdown);
    else
      await this.indexes.updateClaimed(
        index.id,
        owner,
        this.finishedPatch({ status: 'failed', statusReason: ABANDONED }),
      );
    return index.repositoryId;
  }

  /**
   * Requests a new index for repositories whose index is damaged, for example after Chroma was wiped. Retries with backoff.
   * Each call checks repositories for 3 seconds at most; the next call continues after the last one.
   */
  async requestRepairs(): Promise<void> {
    await this.memory.cleanUp();
    const end = this.clock.now().getTime() + MAX_REPAIR_CHECK_MS;
    for (const { repositoryId } of inCheckOrder(await this.indexes.findReady(), this.lastChecked)) {
      if (this.clock.now().getTime() >= end) return;
      this.lastChecked = repositoryId;
      if (!this.repairBackoff.isDue(repositoryId, this.clock.now())) continue;
      if (await this.memory.needsRepair(repositoryId)) {
        this.repairBackoff.recordAttempt(repositoryId, this.clock.now());
        await this.request(repositoryId);
      } else this.repairBackoff.reset(repositoryId);
    }
  }

  private request(repositoryId: string): Promise<CodeIndex> {
    return this.indexes.request(newCodeIndex(this.ids.next(), repositoryId, this.clock.now()));
  }

  private async process(index: CodeIndex, owner: string, shutdown: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, shutdown]);
    const write = (patch: Partial<CodeIndex>) => this.indexes.updateClaimed(index.id, owner, patch);
    const updateLeased = async (patch: Partial<CodeIndex>) => {
      const leaseExpiresAt = new Date(this.clock.now().getTime() + LEASE_MS);
      const row = await write({ ...patch, leaseExpiresAt });
      if (!row) stop.abort('lost');
      else if (row.cancelRequestedAt) stop.abort('cancelled');
    };
    const renewal = setInterval(() => void updateLeased({}).catch(() => undefined), RENEW_INTERVAL_MS);
    try {
      await updateLeased({
        startedAt: this.clock.now(),
        phase: 'files',
        doneFiles: 0,
        totalFiles: 0,
        statusReason: null,
      });
      await write(await this.index(index, signal, this.throttled(updateLeased)));
      await this.requestHead(index.repositoryId);
    } catch (error) {
      const reason: unknown = (await this.isRequestedAgain(index, stop.signal))
        ? 'requested again'
        : stop.signal.reason;
      const patch = this.failurePatch(index, error as Error, { reason, isShutdown: shutdown.aborted });
      if (patch) await write(patch).catch((last: Error) => this.logger.warn(`code index: ${last.message}`));
    } finally {
      clearInterval(renewal);
    }
    await this.forgetDeleted(index.repositoryId);
  }

  /** Returns true if the index was requested again after it was cancelled. */
  private async isRequestedAgain({ repositoryId }: CodeIndex, { reason }: AbortSignal): Promise<boolean> {
    if (reason !== 'cancelled') return false;
    const index = await this.indexes.findByRepository(repositoryId).catch(() => null);
    return index !== null && index.cancelRequestedAt === null;
  }

  /** Requests an index of a commit that was fetched while this one was in progress. */
  private async requestHead(repositoryId: string): Promise<void> {
    const repository = await this.repositories.findById(repositoryId);
    if (repository?.headCommit) await this.requestIfOutdated(repositoryId, repository.headCommit);
  }

  /** Deletes the index of a repository that was deleted in the meantime. */
  private async forgetDeleted(repositoryId: string): Promise<void> {
    if (!(await this.repositories.findById(repositoryId))) await this.memory.forget(repositoryId);
  }

  private async index(
    { repositoryId, commit }: CodeIndex,
    signal: AbortSignal,
    onProgress: (phase: IndexPhase, done: number, total: number) => Promise<void>,
  ): Promise<Partial<CodeIndex>> {
    const repository = await this.repositories.findById(repositoryId);
    const target = repository?.headCommit ?? commit;
    if (!target) return this.finishedPatch({ status: 'ready', statusReason: NOT_FETCHED_YET });
    const { CODE_RULES } = await loadLinguist();
    const options = { rules: CODE_RULES, signal, onProgress };
    const { coverage, notice } = await this.memory.index(repositoryId, target, options);
    return this.finishedPatch({
      status: 'ready',
      commit: target,
      indexedAt: this.clock.now(),
      coverage,
      notice,
      attempts: 0,
    });
  }

  private failurePatch(
    { attempts: before }: CodeIndex,
    error: Error,
    { reason, isShutdown }: { reason: unknown; isShutdown: boolean },
  ): Partial<CodeIndex> | null {
    if (reason === 'lost') return null;
    if (reason === 'cancelled')
      return this.finishedPatch({ status: 'cancelled', statusReason: 'Cancelled by a user.' });
    if (reason === 'requested again' || isShutdown || isInfrastructureOutage(error))
      return this.finishedPatch({ status: 'pending' });
    const attempts = before + 1;
    const isLast = attempts >= MAX_ATTEMPTS;
    const dueAt = new Date(this.clock.now().getTime() + RETRY_DELAY_MS * 2 ** before);
    if (!(error instanceof DomainError)) this.logger.error(error.message, error.stack);
    const statusReason = error instanceof DomainError ? error.message : 'Indexing failed; see the log.';
    return this.finishedPatch({ status: isLast ? 'failed' : 'pending', statusReason, attempts, dueAt });
  }

  private finishedPatch(patch: Partial<CodeIndex>): Partial<CodeIndex> {
    const now = this.clock.now();
    const released = { phase: null, leaseOwner: null, leaseExpiresAt: null, cancelRequestedAt: null };
    return { dueAt: now, finishedAt: now, updatedAt: now, ...released, ...patch };
  }

  private throttled(updateLeased: (patch: Partial<CodeIndex>) => Promise<void>) {
    let last = 0;
    return async (phase: IndexPhase, doneFiles: number, totalFiles: number) => {
      const now = this.clock.now().getTime();
      if (now - last < PROGRESS_INTERVAL_MS && doneFiles < totalFiles) return;
      last = now;
      await updateLeased({ phase, doneFiles, totalFiles, updatedAt: new Date(now) });
    };
  }
}

/** Returns the indexes with a commit, starting after the repository that was checked last. */
function inCheckOrder(indexes: CodeIndex[], last: string): CodeIndex[] {
  const all = indexes.filter(({ commit }) => commit !== null);
  all.sort((a, b) => (a.repositoryId < b.repositoryId ? -1 : 1));
  const next = all.findIndex(({ repositoryId }) => repositoryId > last);
  return next < 0 ? all : [...all.slice(next), ...all.slice(0, next)];
}
