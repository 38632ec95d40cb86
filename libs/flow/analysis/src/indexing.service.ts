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
import { linguist } from './linguist';
import { Backoff } from './backoff';

const LEASE_MS = 60_000;
const RENEW_INTERVAL_MS = 15_000;
const PROGRESS_INTERVAL_MS = 1_000;
const MAX_ATTEMPTS = 5;
const RETRY_DELAY_MS = 30_000;
/** What was pushed waits so long at most while others are looked at. */
const HEAL_INTERVAL_MS = 3_000;
const NOTHING_YET = 'Nothing was fetched yet; it is indexed after the first analysis.';
const LEFT_ALONE = `Its process ended ${MAX_ATTEMPTS} times while it was indexed, as where memory runs out; index it again to try once more.`;

/** Keeps the memory of every repository at the commit that was last fetched. */
@Injectable()
export class IndexingService {
  private readonly logger = new Logger(IndexingService.name);
  private readonly healing = new Backoff();
  /** The repository that was looked at last. */
  private lastChecked = '';

  constructor(
    @Inject(CodeIndexRepository) private readonly indexes: CodeIndexRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(Memory) private readonly memory: Memory,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Asks for the index of what was fetched, unless it is there or under way, or ends every process that makes it. */
  async follow(repositoryId: string, commit: string): Promise<void> {
    const index = await this.indexes.findByRepository(repositoryId);
    const isUnderWay = index?.status === 'pending' || index?.status === 'indexing';
    const isLeftAlone = index?.status === 'failed' && index.statusReason === LEFT_ALONE;
    if (!index || (!isUnderWay && !isLeftAlone && index.commit !== commit)) await this.request(repositoryId);
  }

  /** Goes on at once with what processes were at that are no more; `deadOf` says which owners those were. */
  async takeOver(deadOf: (owners: string[]) => string[]): Promise<void> {
    const dead = deadOf(await this.indexes.leaseOwners());
    if (dead.length > 0) await this.indexes.expireLeases(dead, this.clock.now());
  }

  /** Works on one index that is due; answers its repository, null where there is none. */
  async workOnce(owner: string, shutdown: AbortSignal): Promise<string | null> {
    const index = await this.indexes.claim(this.clock.now(), owner, LEASE_MS);
    if (!index) return null;
    if (index.attempts < MAX_ATTEMPTS) await this.work(index, owner, shutdown);
    else await this.indexes.updateClaimed(index.id, owner, this.over({ status: 'failed', statusReason: LEFT_ALONE }));
    return index.repositoryId;
  }

  /**
   * Asks anew for those that are not what they should be, as when Chroma was wiped or is back: at once, then ever later while
   * that does not help. Where they are many it looks at some, and next time at those after them.
   */
  async heal(): Promise<void> {
    await this.memory.cleanUp();
    const end = this.clock.now().getTime() + HEAL_INTERVAL_MS;
    for (const { repositoryId } of afterThat(await this.indexes.findReady(), this.lastChecked)) {
      if (this.clock.now().getTime() >= end) return;
      this.lastChecked = repositoryId;
      if (!this.healing.isDue(repositoryId, this.clock.now())) continue;
      if (await this.memory.needsRepair(repositoryId)) {
        this.healing.wasTried(repositoryId, this.clock.now());
        await this.request(repositoryId);
      } else this.healing.isWell(repositoryId);
    }
  }

  private request(repositoryId: string): Promise<CodeIndex> {
    return this.indexes.request(newCodeIndex(this.ids.next(), repositoryId, this.clock.now()));
  }

  private async work(index: CodeIndex, owner: string, shutdown: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, shutdown]);
    const write = (patch: Partial<CodeIndex>) => this.indexes.updateClaimed(index.id, owner, patch);
    const held = async (patch: Partial<CodeIndex>) => {
      const leasedUntil = new Date(this.clock.now().getTime() + LEASE_MS);
      const row = await write({ ...patch, leasedUntil });
      if (!row) stop.abort('lost');
      else if (row.cancelRequestedAt) stop.abort('cancelled');
    };
    const renewal = setInterval(() => void held({}).catch(() => undefined), RENEW_INTERVAL_MS);
    try {
      await held({ startedAt: this.clock.now(), phase: 'files', doneFiles: 0, totalFiles: 0, statusReason: null });
      await write(await this.indexed(index, signal, this.throttled(held)));
      await this.followHead(index.repositoryId);
    } catch (error) {
      const reason: unknown = (await this.isAskedAgain(index, stop.signal)) ? 'asked again' : stop.signal.reason;
      const patch = this.ending(index, error as Error, { reason, isShutdown: shutdown.aborted });
      if (patch) await write(patch).catch((last: Error) => this.logger.warn(`code index: ${last.message}`));
    } finally {
      clearInterval(renewal);
    }
    await this.forgetDeleted(index.repositoryId);
  }

  /** Whether somebody asked for it after it was told to stop. */
  private async isAskedAgain({ repositoryId }: CodeIndex, { reason }: AbortSignal): Promise<boolean> {
    if (reason !== 'cancelled') return false;
    const index = await this.indexes.findByRepository(repositoryId).catch(() => null);
    return index !== null && index.cancelRequestedAt === null;
  }

  /** What was fetched meanwhile comes next: whoever fetched it saw that somebody was at work. */
  private async followHead(repositoryId: string): Promise<void> {
    const repository = await this.repositories.findById(repositoryId);
    if (repository?.headCommit) await this.follow(repositoryId, repository.headCommit);
  }

  /** What was made of a repository that was deleted meanwhile. */
  private async forgetDeleted(repositoryId: string): Promise<void> {
    if (!(await this.repositories.findById(repositoryId))) await this.memory.forget(repositoryId);
  }

  private async indexed(
    { repositoryId, commit }: CodeIndex,
    signal: AbortSignal,
    onProgress: (phase: IndexPhase, done: number, total: number) => Promise<void>,
  ): Promise<Partial<CodeIndex>> {
    const repository = await this.repositories.findById(repositoryId);
    const wanted = repository?.headCommit ?? commit;
    if (!wanted) return this.over({ status: 'ready', statusReason: NOTHING_YET });
    const { CODE_RULES } = await linguist();
    const options = { rules: CODE_RULES, signal, onProgress };
    const { coverage, notice } = await this.memory.index(repositoryId, wanted, options);
    return this.over({ status: 'ready', commit: wanted, indexedAt: this.clock.now(), coverage, notice, attempts: 0 });
  }

  private ending(
    { attempts: before }: CodeIndex,
    error: Error,
    { reason, isShutdown }: { reason: unknown; isShutdown: boolean },
  ): Partial<CodeIndex> | null {
    if (reason === 'lost') return null;
    if (reason === 'cancelled') return this.over({ status: 'cancelled', statusReason: 'Somebody stopped it.' });
    if (reason === 'asked again' || isShutdown || isInfrastructureOutage(error)) return this.over({ status: 'pending' });
    const attempts = before + 1;
    const isLast = attempts >= MAX_ATTEMPTS;
    const dueAt = new Date(this.clock.now().getTime() + RETRY_DELAY_MS * 2 ** before);
    if (!(error instanceof DomainError)) this.logger.error(error.message, error.stack);
    const statusReason = error instanceof DomainError ? error.message : 'Indexing failed; the log says more.';
    return this.over({ status: isLast ? 'failed' : 'pending', statusReason, attempts, dueAt });
  }

  private over(patch: Partial<CodeIndex>): Partial<CodeIndex> {
    const now = this.clock.now();
    const resting = { phase: null, leaseOwner: null, leasedUntil: null, cancelRequestedAt: null };
    return { dueAt: now, finishedAt: now, updatedAt: now, ...resting, ...patch };
  }

  private throttled(held: (patch: Partial<CodeIndex>) => Promise<void>) {
    let last = 0;
    return async (phase: IndexPhase, doneFiles: number, totalFiles: number) => {
      const now = this.clock.now().getTime();
      if (now - last < PROGRESS_INTERVAL_MS && doneFiles < totalFiles) return;
      last = now;
      await held({ phase, doneFiles, totalFiles, updatedAt: new Date(now) });
    };
  }
}

/** All that have a commit, beginning after the repository that was looked at last. */
function afterThat(indexes: CodeIndex[], last: string): CodeIndex[] {
  const all = indexes.filter(({ commit }) => commit !== null);
  all.sort((a, b) => (a.repositoryId < b.repositoryId ? -1 : 1));
  const next = all.findIndex(({ repositoryId }) => repositoryId > last);
  return next < 0 ? all : [...all.slice(next), ...all.slice(0, next)];
}
