import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { INSIGHT_LIMITS, type InsightKind } from '@teko/contracts';
import {
  Clock,
  DomainError,
  GitMirrors,
  InsightRepository,
  isInfrastructureOutage,
  LeaseLostError,
  StepRepository,
  usesRecordedReplies,
  type Finding,
  type Run,
  type SandboxSession,
  type Step,
} from '@teko/domain';
import { Insights, reviewText } from '@teko/platform';
import { insightLines } from './insight-lines';
import type { RunContext } from './run-context';
import { toolError, type InsightWriter, type ToolResult } from './tools/tool';
import { ProvenancePolicy } from './provenance.policy';

const MAX_REVIEWED_FILES = 20;
const MAX_FILE_BYTES = 20 * 1024 * 1024;
const STEP_KEY = 'notes';

/** Gives insights about a repository to runs, and stores new ones of runs that ProvenancePolicy accepts. */
@Injectable()
export class RunInsights {
  private readonly logger = new Logger(RunInsights.name);

  constructor(
    @Inject(Insights) private readonly insights: Insights,
    @Inject(InsightRepository) private readonly insightRepository: InsightRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(StepRepository) private readonly steps: StepRepository,
    @Inject(ProvenancePolicy) private readonly provenance: ProvenancePolicy,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Returns the insights that are valid at the commit, one per line, or null if there are none. They are stored as a step,
   * so a resumed or replayed run gets the same.
   */
  async linesFor(context: RunContext, commit: string): Promise<string | null> {
    const { run, repository, journal } = context;
    const recorded = usesRecordedReplies(run.origin) ? await this.steps.findByKey(run.origin.runId, STEP_KEY) : null;
    const { output } = await journal.step(STEP_KEY, 'note', 'Insights from earlier runs', { commit }, async () => {
      if (usesRecordedReplies(run.origin)) return { status: 'done', output: recorded?.output ?? '' };
      const markStale = isOfDefaultBranch(run, repository.defaultBranch);
      const valid = await this.insights.findValid(repository.id, commit, { markStale });
      return { status: 'done', output: insightLines(valid, this.clock.now()) };
    });
    return output || null;
  }

  /** Returns the writer for the `remember` tool of this run. */
  writerFor(context: RunContext, session: Pick<SandboxSession, 'readFile'>): InsightWriter {
    return { remember: (insight, key) => this.remember(context, session, insight, key) };
  }

  /** Stores the findings of a review as one insight per file. A failure is only logged. */
  async rememberReview(context: RunContext, changeNumber: number, findings: Finding[]): Promise<void> {
    const { run, repository } = context;
    if (context.isReplay || findings.length === 0) return;
    try {
      if (await this.provenance.refusalReason(context)) return;
      const tree = await this.mirrors.tree(repository.id, run.headCommit!);
      const blobs = new Map(tree.map(({ path, blob }) => [path, blob]));
      const files = [...new Set(findings.map(({ path }) => path))].slice(0, MAX_REVIEWED_FILES);
      await context.fence();
      for (const path of files) {
        const text = reviewText(
          changeNumber,
          findings.filter((finding) => finding.path === path),
        );
        const insight = { kind: 'review' as const, text, path, blob: blobs.get(path) ?? null };
        await this.insights.remember({ ...insight, ...sourceOf(run), source: 'review' });
      }
    } catch (error) {
      if (error instanceof LeaseLostError || isInfrastructureOutage(error)) throw error;
      this.logger.warn(
        `run ${run.number}: the findings of its review were not stored as insights: ${(error as Error).message}`,
      );
    }
  }

  private async remember(
    context: RunContext,
    session: Pick<SandboxSession, 'readFile'>,
    { kind, text, path: givenPath }: { kind: InsightKind; text: string; path: string | null },
    key: string,
  ): Promise<ToolResult> {
    const { run } = context;
    const recorded = await this.recorded(context, key, text);
    if (recorded) return { content: recorded.output ?? '', isError: recorded.status === 'failed' };
    if (context.isReplay) return { content: STORED };
    const refusal = await this.refusal(context);
    if (refusal) return toolError(`${refusal} Nothing was stored; continue without it.`);
    const path = givenPath === null ? null : posix.normalize(givenPath);
    if (path !== null && isOutsideRepository(path))
      return toolError(
        `${givenPath} is not a file of this repository. Use a path relative to the repository root, such as src/a.ts.`,
      );
    const blob = path === null ? null : await blobIdOf(session, path, run.baseCommit);
    await context.fence();
    await this.insights.remember({ kind, text, path, blob, ...sourceOf(run), source: 'agent' });
    return { content: STORED };
  }

  /** Returns the step of the replayed or forked run that stored the same text, or null. */
  private async recorded({ run: { origin } }: RunContext, key: string, text: string): Promise<Step | null> {
    const step = usesRecordedReplies(origin) ? await this.steps.findByKey(origin.runId, key) : null;
    return step?.input?.text === text ? step : null;
  }

  /** Returns why the run cannot store insights, or null if it can. An outage of the forge is a refusal, not an error. */
  private async refusal(context: RunContext): Promise<string | null> {
    const storedByRun = await this.insightRepository.list({
      page: 1,
      perPage: 1,
      sort: 'createdAt',
      order: 'ASC',
      filters: { repositoryId: [context.repository.id], source: ['agent'], sourceId: [context.run.id] },
    });
    if (storedByRun.total >= INSIGHT_LIMITS.perRun) return `A run can store at most ${INSIGHT_LIMITS.perRun} insights.`;
    try {
      const reason = await this.provenance.refusalReason(context);
      return (
        reason &&
        `Only runs whose input comes from people who are allowed to request work here can store insights: ${reason}`
      );
    } catch (error) {
      if (!(error instanceof DomainError) || isInfrastructureOutage(error)) throw error;
      return `It cannot be checked now whether this run is allowed to store insights: ${error.message}.`;
    }
  }
}

const STORED = 'Stored for later runs.';

const sourceOf = ({ repositoryId, id, number }: Run) => ({ repositoryId, sourceId: id, author: `Run ${number}` });

/** Only new work on the default branch marks outdated insights as stale. */
function isOfDefaultBranch({ agentType, origin, baseBranch }: Run, defaultBranch: string | null): boolean {
  return agentType === 'implementation' && origin === null && baseBranch === defaultBranch;
}

/** Git tracks no such path, so an insight about it could never be valid. */
function isOutsideRepository(path: string): boolean {
  return (
    posix.isAbsolute(path) || path === '..' || path.startsWith('../') || path === '.git' || path.startsWith('.git/')
  );
}

/** Returns the git blob id of the file as it is in the workspace. */
async function blobIdOf(
  session: Pick<SandboxSession, 'readFile'>,
  path: string,
  commit: string | null,
): Promise<string> {
  const { content } = await session.readFile(path, { maxBytes: MAX_FILE_BYTES });
  return createHash(commit?.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest('hex');
}
