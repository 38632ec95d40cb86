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
/** Maximum number of repositories that one list request checks. */
const MAX_CHECKED_REPOSITORIES = 10;

interface Author {
  id: string;
  name: string;
}

/** Reads and updates insights for users. Before a read it checks whether insights have become stale. */
@Injectable()
export class InsightsService {
  private readonly logger = new Logger(InsightsService.name);
  /** Commit and time of the last check by repository. */
  private readonly lastChecks = new Map<string, { commit: string; at: number }>();

  constructor(
    @Inject(Insights) private readonly insights: Insights,
    @Inject(InsightRepository) private readonly stored: InsightRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(FindingRepository) private readonly findings: FindingRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async list(query: ListQuery): Promise<Page<Insight>> {
    const requested = (query.filters.repositoryId ?? []).filter((id) => query.within?.includes(id) ?? true);
    if (requested.length > 0) {
      await this.checkAll(requested);
      return this.stored.list(query);
    }
    // The filter cannot be used yet: insights that were never checked are not known to be stale.
    const { stale: _stale, ...filters } = query.filters;
    const { data } = await this.stored.list({ ...query, filters });
    await this.checkAll(data.map(({ repositoryId }) => repositoryId));
    return this.stored.list(query);
  }

  async find(id: string): Promise<Insight | null> {
    const insight = await this.stored.findById(id);
    if (insight) await this.check(insight.repositoryId);
    return insight && this.stored.findById(id);
  }

  async create({ repositoryId, kind, text, path }: CreateInsightDto, { id, name }: Author): Promise<Insight> {
    const repository = await this.repositories.findById(repositoryId);
    if (!repository) throw new InvalidError({ repositoryId: 'no such repository' });
    const file = path || null;
    const blob = await this.insights.blobOf(repositoryId, repository.headCommit, file);
    const draft = { repositoryId, kind, text, path: file, blob };
    return this.insights.remember({ ...draft, source: 'user', sourceId: id, author: name });
  }

  async update(id: string, patch: UpdateInsightDto, { id: userId, name }: Author): Promise<Insight> {
    const insight = await this.stored.findById(id);
    const repository = insight && (await this.repositories.findById(insight.repositoryId));
    const by = { id: userId, name };
    if (insight) this.lastChecks.delete(insight.repositoryId);
    return this.insights.update(id, { ...patch, by, commit: repository?.headCommit ?? null });
  }

  /** Removes a dismissed finding from the insight that its review recorded about the file. */
  async updateFromFinding({ repositoryId, runId, changeId, path }: Finding): Promise<void> {
    const page = { page: 1, perPage: MAX_PER_PAGE, sort: 'createdAt', order: 'ASC' } as const;
    const ofRun = { repositoryId: [repositoryId], source: ['review'], sourceId: [runId] };
    const insight = (await this.stored.list({ ...page, filters: ofRun })).data.find((row) => row.path === path);
    const change = changeId && (await this.changes.findById(changeId));
    if (!insight || !change) return;
    const { data } = await this.findings.list({ ...page, filters: { runId: [runId] } });
    const remaining = data.filter((finding) => finding.path === path && finding.status !== 'dismissed');
    if (remaining.length > 0) await this.insights.updateText(insight.id, reviewText(change.number, remaining));
    else await this.insights.delete(insight.id).catch(ignoreNotFound);
  }

  private async checkAll(repositoryIds: string[]): Promise<void> {
    for (const id of [...new Set(repositoryIds)].slice(0, MAX_CHECKED_REPOSITORIES)) await this.check(id);
  }

  /** Checks the insights of a repository at the head of its default branch. If that fails, they keep their last state. */
  private async check(repositoryId: string): Promise<void> {
    const commit = (await this.repositories.findById(repositoryId))?.headCommit;
    const last = this.lastChecks.get(repositoryId);
    const now = this.clock.now().getTime();
    if (!commit || (last?.commit === commit && now - last.at < CACHE_TTL_MS)) return;
    try {
      await this.insights.findValid(repositoryId, commit, { markStale: true });
      this.lastChecks.set(repositoryId, { commit, at: now });
    } catch (error) {
      if (isInfrastructureOutage(error)) throw error;
      this.logger.warn(`cannot check the insights of repository ${repositoryId}: ${(error as Error).message}`);
    }
  }
}

/** Another request that dismissed a finding at the same time may have deleted the insight. */
function ignoreNotFound(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}
