import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { INSIGHT_LIMITS, type InsightKind } from '@teko/contracts';
import {
  Clock,
  DomainError,
  GitMirrors,
  InsightRepository,
  isOwnOutage,
  LeaseLostError,
  StepRepository,
  usesRecord,
  type Finding,
  type Run,
  type SandboxSession,
  type Step,
} from '@teko/domain';
import { Insights, reviewText } from '@teko/platform';
import { insightLines } from './insight-lines';
import type { RunContext } from './run-context';
import { refused, type InsightWriter, type ToolResult } from './tools/tool';
import { ProvenancePolicy } from './provenance.policy';

const MAX_REVIEWED_FILES = 20;
const MAX_FILE = 20 * 1024 * 1024;
const STEP = 'notes';

/** What runs learn about a repository: given to the next ones, and written down by those whose text can be trusted. */
@Injectable()
export class RunInsights {
  private readonly logger = new Logger(RunInsights.name);

  constructor(
    @Inject(Insights) private readonly insights: Insights,
    @Inject(InsightRepository) private readonly stored: InsightRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(StepRepository) private readonly steps: StepRepository,
    @Inject(ProvenancePolicy) private readonly trust: ProvenancePolicy,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * What holds at the commit that the agent works on, as lines; null where nothing is known. It is a step, so that a run that
   * goes on after a crash, or is played again, is told the same.
   */
  async given(scope: RunContext, commit: string): Promise<string | null> {
    const { run, repository, journal } = scope;
    const recorded = usesRecord(run.origin) ? await this.steps.findByKey(run.origin.runId, STEP) : null;
    const { output } = await journal.step(STEP, 'note', 'Insights from earlier runs', { commit }, async () => {
      if (usesRecord(run.origin)) return { status: 'done', output: recorded?.output ?? '' };
      const mark = isOfDefaultBranch(run, repository.defaultBranch);
      const facts = await this.insights.holding(repository.id, commit, { mark });
      return { status: 'done', output: insightLines(facts, this.clock.now()) };
    });
    return output || null;
  }

  /** Where the agent of this run writes. */
  for(scope: RunContext, session: Pick<SandboxSession, 'readFile'>): InsightWriter {
    return { remember: (fact, key) => this.remember(scope, session, fact, key) };
  }

  /** What a review found is kept for those who work on the same files. What it has to say was given back before, so nothing depends on it. */
  async reviewed(scope: RunContext, changeNumber: number, findings: Finding[]): Promise<void> {
    const { run, repository } = scope;
    if (scope.isReplay || findings.length === 0) return;
    try {
      if (await this.trust.refusal(scope)) return;
      const tree = await this.mirrors.tree(repository.id, run.headCommit!);
      const blobs = new Map(tree.map(({ path, blob }) => [path, blob]));
      const files = [...new Set(findings.map(({ path }) => path))].slice(0, MAX_REVIEWED_FILES);
      await scope.fence();
      for (const path of files) {
        const text = reviewText(
          changeNumber,
          findings.filter((one) => one.path === path),
        );
        const fact = { kind: 'review' as const, text, path, blob: blobs.get(path) ?? null };
        await this.insights.remember({ ...fact, ...writer(run), source: 'review' });
      }
    } catch (error) {
      if (error instanceof LeaseLostError || isOwnOutage(error)) throw error;
      this.logger.warn(`run ${run.number}: what its review found is not remembered: ${(error as Error).message}`);
    }
  }

  private async remember(
    scope: RunContext,
    session: Pick<SandboxSession, 'readFile'>,
    { kind, text, path: named }: { kind: InsightKind; text: string; path: string | null },
    key: string,
  ): Promise<ToolResult> {
    const { run } = scope;
    const recorded = await this.recorded(scope, key, text);
    if (recorded) return { content: recorded.output ?? '', isError: recorded.status === 'failed' };
    if (scope.isReplay) return { content: NOTED };
    const refusal = await this.refusal(scope);
    if (refusal) return refused(`${refusal} Nothing is remembered; go on without it.`);
    const path = named === null ? null : posix.normalize(named);
    if (path !== null && isOutside(path))
      return refused(`${named} is no file of this repository. Name it from the top of the repository, as src/a.ts.`);
    const blob = path === null ? null : await blobIn(session, path, run.baseCommit);
    await scope.fence();
    await this.insights.remember({ kind, text, path, blob, ...writer(run), source: 'agent' });
    return { content: NOTED };
  }

  /** What was answered when the run that is played again, or asked differently, wrote down the same. */
  private async recorded({ run: { origin } }: RunContext, key: string, text: string): Promise<Step | null> {
    const step = usesRecord(origin) ? await this.steps.findByKey(origin.runId, key) : null;
    return step?.input?.text === text ? step : null;
  }

  /** A forge that does not answer lets nobody write, and holds up no run. */
  private async refusal(scope: RunContext): Promise<string | null> {
    const written = await this.stored.list({
      page: 1,
      perPage: 1,
      sort: 'createdAt',
      order: 'ASC',
      filters: { repositoryId: [scope.repository.id], source: ['agent'], sourceId: [scope.run.id] },
    });
    if (written.total >= INSIGHT_LIMITS.perRun) return `A run may write down ${INSIGHT_LIMITS.perRun} facts.`;
    try {
      const reason = await this.trust.refusal(scope);
      return reason && `Only runs whose text comes from people who may ask for work here may write: ${reason}`;
    } catch (error) {
      if (!(error instanceof DomainError) || isOwnOutage(error)) throw error;
      return `Whether this run may write cannot be found out now: ${error.message}.`;
    }
  }
}

const NOTED = 'Noted for later runs.';

const writer = ({ repositoryId, id, number }: Run) => ({ repositoryId, sourceId: id, author: `Run ${number}` });

/** Work on another branch, or on top of a change, says nothing about what holds in general. */
function isOfDefaultBranch({ agentType, origin, baseBranch }: Run, defaultBranch: string | null): boolean {
  return agentType === 'implementation' && origin === null && baseBranch === defaultBranch;
}

/** Git keeps no such path, so what is said of it could never hold. */
function isOutside(path: string): boolean {
  return (
    posix.isAbsolute(path) || path === '..' || path.startsWith('../') || path === '.git' || path.startsWith('.git/')
  );
}

/** As git names a content: it is the file as the agent has it before its eyes. */
async function blobIn(session: Pick<SandboxSession, 'readFile'>, path: string, commit: string | null): Promise<string> {
  const content = await session.readFile(path, { maxBytes: MAX_FILE });
  return createHash(commit?.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest('hex');
}
