import { Inject, Injectable } from '@nestjs/common';
import { ChangeRepository, Clock, FindingRepository, GitMirrors, Ids, type Finding } from '@teko/domain';
import { openingMessages } from './agents/prompt';
import { AgentLoopFactory } from './agent-loop-factory';
import { readablePatch } from './readable-patch';
import { RunAborted, type RunResult } from './run-result';
import { RunInsights } from './run-insights';
import type { RunContext } from './run-context';
import { ResultPublisher } from './settings';
import type { FindingDraft } from './tools';

/** Reviews one change and reports findings with file and lines. Edits of the agent never leave the sandbox. */
@Injectable()
export class Review {
  constructor(
    @Inject(AgentLoopFactory) private readonly loops: AgentLoopFactory,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(FindingRepository) private readonly findings: FindingRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ResultPublisher) private readonly delivery: ResultPublisher,
    @Inject(RunInsights) private readonly insights: RunInsights,
  ) {}

  /** Returns the result of the run. Throws RunAborted or the error that ends the run. */
  async run(context: RunContext): Promise<RunResult> {
    const change = context.task.changeId ? await this.changes.findById(context.task.changeId) : null;
    if (!change) throw new RunAborted('repository_error', 'The change to review no longer exists.');
    await context.update({ baseCommit: change.baseCommit, headCommit: change.headCommit });
    const diff = await this.mirrors.diff(context.run.repositoryId, change.baseCommit, change.headCommit);

    await context.enterPhase('agent', `${context.agent.title} is working`);
    const session = await context.workspaces.openForAgent(change.headCommit);
    const loop = await this.loops.create(context, session, diff.files);
    const result = await loop.start(
      openingMessages({
        agent: context.agent,
        run: context.run,
        task: context.task,
        comments: [],
        base: null,
        review: { change, diff: { ...diff, patch: readablePatch(diff.patch) } },
        continued: null,
        instruction: null,
        isFollowUp: false,
        needsPlan: false,
        rules: null,
        plan: null,
        insights: await this.insights.linesFor(context, change.headCommit),
      }),
    );
    if (!result.finish)
      throw new RunAborted(
        result.stop?.outcome ?? 'not_finished',
        result.stop?.detail ?? 'The agent did not finish its review.',
      );

    await context.enterPhase('delivery', 'Delivering the findings');
    const findings = result.findings.map((draft) => this.finding(context, change.id, draft));
    if (!context.isReplay) await this.findings.replaceForRun(context.run.id, findings);
    const count = findings.length === 1 ? 'one finding' : `${findings.length} findings`;
    const runResult: RunResult = {
      status: 'succeeded',
      outcome: 'reviewed',
      detail: `Change ${change.number} was reviewed: ${count}.`,
    };
    if (!context.isReplay)
      await this.delivery.report(
        { run: { ...context.run, ...runResult }, task: context.task, findings },
        context.fence,
      );
    await context.update({ summary: result.finish.summary });
    await this.insights.rememberReview(context, change.number, findings);
    return runResult;
  }

  private finding({ run, task }: RunContext, changeId: string, draft: FindingDraft): Finding {
    return {
      id: this.ids.next(),
      runId: run.id,
      taskId: task.id,
      repositoryId: run.repositoryId,
      changeId,
      status: 'open',
      createdAt: this.clock.now(),
      ...draft,
    };
  }
}
