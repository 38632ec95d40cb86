import { Inject, Injectable, Logger } from '@nestjs/common';
import { MAX_PER_PAGE, type ListQuery, type Page } from '@teko/contracts';
import {
  ChangeRepository,
  Clock,
  FindingRepository,
  InsightRepository,
  InvalidError,
  isInfrastructureOutage,
  NotFoundError,
  RepositoryRepository,
  type Finding,
  type Insight,
} from '@teko/domain';
import { Insights, reviewText } from '@teko/platform';
import type { CreateInsightDto, UpdateInsightDto } from './insight.dto';

const CACHE_TTL_MS = 30_000;
/** Repositories that one list looks at. */
const MAX_LOOKUPS = 10;

interface Person {
  id: string;
  name: string;
}

/** Facts as people see and change them: looked at again when they are read, so that what is shown as stale is stale by now. */
@Injectable()
export class InsightsService {
  private readonly logger = new Logger(InsightsService.name);
  /** The commit at which the facts of a repository were last looked at, and when. */
  private readonly looked = new Map<string, { commit: string; at: number }>();

  constructor(
    @Inject(Insights) private readonly insights: Insights,
    @Inject(InsightRepository) private readonly stored: InsightRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(FindingRepository) private readonly findings: FindingRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async list(query: ListQuery): Promise<Page<Insight>> {
    const named = (query.filters.repositoryId ?? []).filter((id) => query.within?.includes(id) ?? true);
    if (named.length > 0) {
      await this.lookAtAll(named);
      return this.stored.list(query);
    }
    // What nobody has looked at yet is not known to be stale.
    const { stale: _stale, ...filters } = query.filters;
    const { data } = await this.stored.list({ ...query, filters });
    await this.lookAtAll(data.map(({ repositoryId }) => repositoryId));
    return this.stored.list(query);
  }

  async find(id: string): Promise<Insight | null> {
    const insight = await this.stored.findById(id);
    if (insight) await this.lookAt(insight.repositoryId);
    return insight && this.stored.findById(id);
  }

  async create({ repositoryId, kind, text, path }: CreateInsightDto, { id, name }: Person): Promise<Insight> {
    const repository = await this.repositories.findById(repositoryId);
    if (!repository) throw new InvalidError({ repositoryId: 'no such repository' });
    const file = path || null;
    const blob = await this.insights.blobOf(repositoryId, repository.headCommit, file);
    const draft = { repositoryId, kind, text, path: file, blob };
    return this.insights.remember({ ...draft, source: 'user', sourceId: id, author: name });
  }

  async update(id: string, patch: UpdateInsightDto, { id: userId, name }: Person): Promise<Insight> {
    const insight = await this.stored.findById(id);
    const repository = insight && (await this.repositories.findById(insight.repositoryId));
    const by = { id: userId, name };
    if (insight) this.looked.delete(insight.repositoryId);
    return this.insights.update(id, { ...patch, by, commit: repository?.headCommit ?? null });
  }

  /** What people dismiss of a review goes from the fact that it left about the file. */
  async decided({ repositoryId, runId, changeId, path }: Finding): Promise<void> {
    const page = { page: 1, perPage: MAX_PER_PAGE, sort: 'createdAt', order: 'ASC' } as const;
    const ofRun = { repositoryId: [repositoryId], source: ['review'], sourceId: [runId] };
    const fact = (await this.stored.list({ ...page, filters: ofRun })).data.find((one) => one.path === path);
    const change = changeId && (await this.changes.findById(changeId));
    if (!fact || !change) return;
    const { data } = await this.findings.list({ ...page, filters: { runId: [runId] } });
    const left = data.filter((one) => one.path === path && one.status !== 'dismissed');
    if (left.length > 0) await this.insights.updateText(fact.id, reviewText(change.number, left));
    else await this.insights.delete(fact.id).catch(unlessGone);
  }

  private async lookAtAll(repositoryIds: string[]): Promise<void> {
    for (const id of [...new Set(repositoryIds)].slice(0, MAX_LOOKUPS)) await this.lookAt(id);
  }

  /** At the tip of the default branch. Where the code cannot be looked at, what was last known stays. */
  private async lookAt(repositoryId: string): Promise<void> {
    const commit = (await this.repositories.findById(repositoryId))?.headCommit;
    const known = this.looked.get(repositoryId);
    const now = this.clock.now().getTime();
    if (!commit || (known?.commit === commit && now - known.at < CACHE_TTL_MS)) return;
    try {
      await this.insights.findValid(repositoryId, commit, { markStale: true });
      this.looked.set(repositoryId, { commit, at: now });
    } catch (error) {
      if (isInfrastructureOutage(error)) throw error;
      this.logger.warn(`facts of repository ${repositoryId} cannot be looked at: ${(error as Error).message}`);
    }
  }
}

/** Somebody who dismissed another finding at the same moment deleted it. */
function unlessGone(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}
