import { Inject, Injectable } from '@nestjs/common';
import {
  commitMessage,
  CommentRepository,
  GitMirrors,
  isVisibleToAgent,
  type CodebaseProfile,
  type GateReport,
  type SandboxSession,
} from '@teko/domain';
import { openingMessages, repairMessage } from './agents/prompt';
import type { LoopResult } from './loop/agent-loop';
import { Approvals, needsPlan } from './approvals';
import { AgentLoopFactory } from './agent-loop-factory';
import { RunAborted, type RunResult } from './run-result';
import { canBeProven, type Gate } from './gate/gate';
import { Gates } from './gate/gates';
import type { Tested } from './gate/judge';
import { testPlan, type TestPlan } from './gate/test-plan';
import { RunInsights } from './run-insights';
import { RepositoryRules, type Rules } from './repository-rules';
import type { RunContext } from './run-context';
import { ResultPublisher } from './settings';

const MAX_COMMENTS = 50;

const OUTCOME_BY_VERDICT = {
  red: 'gate_red',
  tests_changed: 'tests_changed',
  no_tests: 'no_tests',
  not_proven: 'not_proven',
  no_change: 'no_change',
} as const;

/** Implements a task, from the first test run to the delivered change. The gate decides about success, not the agent. */
@Injectable()
export class Implementation {
  constructor(
    @Inject(AgentLoopFactory) private readonly loops: AgentLoopFactory,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(ResultPublisher) private readonly delivery: ResultPublisher,
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(RepositoryRules) private readonly rules: RepositoryRules,
    @Inject(RunInsights) private readonly insights: RunInsights,
    @Inject(Gates) private readonly gates: Gates,
  ) {}

  /** Returns the result of the run. Throws RunAborted, RunSuspended or the error that ends the run. */
  async run(context: RunContext, profile: CodebaseProfile): Promise<RunResult> {
    context.repository = await this.approvals.withRulesOf(context.run, context.repository);
    const baseCommit = context.run.baseCommit!;
    const rules = await this.rules.of(context);
    const plan = testPlan(context.repository, profile, rules);
    if (!plan.test)
      throw new RunAborted(
        'no_tests',
        'No test command was found, so the result cannot be verified. Set a test command for the repository.',
      );
    const gate = this.gates.of(context, plan);

    await context.enterPhase('baseline', 'Running the tests before the change');
    const base = await gate.testBase(baseCommit);

    await context.enterPhase('agent', `${context.agent.title} is working`);
    const session = await context.workspaces.openForAgent(context.lineage.continued?.headCommit ?? baseCommit);
    if (plan.setup) await this.installDependencies(context, session, plan.setup);
    return this.runRounds(context, session, { gate, base, rules, plan });
  }

  /** Commits the unfinished work of the agent and imports it from the sandbox. Returns null if there is none. */
  async saveWork(context: RunContext): Promise<string | null> {
    const { baseCommit } = context.run;
    if (!baseCommit) return null;
    const session = await context.workspaces.openForAgent(baseCommit);
    return context.workspaces.importResult(session, baseCommit, `Work in progress on task ${context.task.number}`);
  }

  private async runRounds(
    context: RunContext,
    session: SandboxSession,
    { gate, base, rules, plan }: { gate: Gate; base: Tested; rules: Rules; plan: TestPlan },
  ): Promise<RunResult> {
    const loop = await this.loops.create(context, session, []);
    // A replay or fork must not see comments that its recorded run could not know.
    const until = context.lineage.commentsUntil ?? new Date(8.64e15);
    const comments = await this.comments.findLatest(context.task.id, MAX_COMMENTS);
    const visibleComments = comments.filter((comment) => isVisibleToAgent(comment) && comment.createdAt <= until);
    let result = await loop.start(
      openingMessages({
        agent: context.agent,
        run: context.run,
        task: context.task,
        comments: visibleComments,
        base: base.execution,
        review: null,
        continued: context.lineage.continued,
        instruction: context.lineage.instruction,
        isFollowUp: context.lineage.isFollowUp,
        needsPlan: needsPlan(context),
        rules,
        insights: await this.insights.linesFor(context, context.lineage.continued?.headCommit ?? base.execution.commit),
        plan,
      }),
    );
    for (let round = 1; ; round++) {
      const report = await this.verify(context, session, gate, base, result);
      if (report.verdict === 'green') return this.deliver(context, report, result);
      if (report.verdict === 'no_change' && context.lineage.isFollowUp && result.finish)
        return this.answer(context, result);
      if (result.stop)
        return failed(
          result.stop.outcome,
          `${result.stop.detail} ${report.verdict === 'no_change' ? 'Nothing was changed.' : report.reason}`,
        );
      if (round > context.agent.limits.repairRounds || report.verdict === 'no_change' || !canBeProven(report))
        return failed(OUTCOME_BY_VERDICT[report.verdict], report.reason);
      await context.update({ repairRound: round });
      await context.journal.note(
        `repair:${round}`,
        'note',
        `Result not accepted, repair round ${round}`,
        report.reason,
        'failed',
      );
      result = await loop.repair(
        round,
        repairMessage(
          report.reason,
          report.verdict === 'not_proven' ? undefined : report.executions.findLast(({ exitCode }) => exitCode !== 0),
        ),
      );
    }
  }

  private async verify(
    context: RunContext,
    session: SandboxSession,
    gate: Gate,
    base: Tested,
    result: LoopResult,
  ): Promise<GateReport> {
    await context.enterPhase('gate', 'Verifying the result');
    const { title, summary } = result.finish ?? { title: `Work on task ${context.task.number}`, summary: '' };
    const message = commitMessage(title, summary);
    const headCommit = await context.workspaces.importResult(session, base.execution.commit, message);
    const isNew =
      headCommit !== null && !(context.lineage.isFollowUp && headCommit === context.lineage.continued?.headCommit);
    if (!isNew) return this.storeGate(context, nothingChanged(base), null);
    return this.storeGate(context, await gate.verify(base, headCommit), headCommit);
  }

  private async storeGate(context: RunContext, gate: GateReport, headCommit: string | null): Promise<GateReport> {
    await context.update({ gate, headCommit });
    return gate;
  }

  private async deliver(context: RunContext, gate: GateReport, result: LoopResult): Promise<RunResult> {
    const report = result.finish ?? { title: context.task.title, summary: '' };
    const { title, summary } = report;
    if (context.isReplay) return { status: 'succeeded', outcome: 'gate_green', detail: gate.reason };
    await this.approvals.require(context, { title, summary });
    await context.enterPhase('delivery', 'Delivering the change');
    await context.update({ summary });
    await this.delivery.deliver(
      { ...deliveryOf(context, result), report, gate, headCommit: context.run.headCommit! },
      context.fence,
    );
    await context.journal.note('effect:delivered', 'effect', 'Branch, change and comment were delivered');
    return { status: 'succeeded', outcome: 'gate_green', detail: gate.reason };
  }

  /** Answers the comments of a follow-up that needed no new commit. */
  private async answer(context: RunContext, result: LoopResult): Promise<RunResult> {
    const answered: RunResult = {
      status: 'succeeded',
      outcome: 'answered',
      detail: 'Answered without changing the code.',
    };
    if (context.isReplay) return answered;
    await context.enterPhase('delivery', 'Posting the answer');
    await context.update({ summary: result.finish!.summary });
    const { headCommit } = context.lineage.continued!;
    await this.delivery.answer({ ...deliveryOf(context, result), report: result.finish!, headCommit }, context.fence);
    return answered;
  }

  private async installDependencies(context: RunContext, session: SandboxSession, command: string): Promise<void> {
    await context.journal.step('setup', 'note', 'Installing dependencies', { command }, async () => {
      const { code, head, tail } = await session.exec(['bash', '-c', command], {
        env: { npm_config_fetch_retries: '0', PIP_RETRIES: '0' },
        signal: context.supervisor.signal,
      });
      const hint =
        code === 0
          ? ''
          : '\nThe sandbox has no network. Only dependencies in the repository or on the host can be used.';
      return { status: code === 0 ? 'done' : 'failed', output: head + tail + hint, data: { exitCode: code } };
    });
  }
}

function deliveryOf({ run, task, repository, lineage }: RunContext, { replies }: LoopResult) {
  return { run, task, repository, continued: lineage.continued, replies };
}

function failed(outcome: RunResult['outcome'], detail: string): RunResult {
  return { status: 'failed', outcome, detail: detail.trim() };
}

function nothingChanged(base: Tested): GateReport {
  return {
    verdict: 'no_change',
    reason: 'The agent changed nothing.',
    newFailures: [],
    oldFailures: base.execution.tests?.failed ?? [],
    fixed: [],
    missing: [],
    skipped: [],
    witnesses: [],
    alteredTests: [],
    runnerFiles: [],
    canaries: [],
    executions: [base.execution],
  };
}
