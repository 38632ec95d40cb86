import { Inject, Injectable } from '@nestjs/common';
import {
  commitMessage,
  CommentRepository,
  ConflictError,
  InvalidError,
  isVisibleToAgent,
  leftOutText,
  RejectedChangeError,
  type CodebaseProfile,
  type FinishReport,
  type GateReport,
  type LeftOutFile,
  type SandboxSession,
  type TestExecution,
} from '@teko/domain';
import { openingMessages, repairMessage } from './agents/prompt';
import type { LoopResult, LoopStop } from './loop/agent-loop';
import { Approvals, needsPlan } from './approvals';
import { AgentLoopFactory } from './agent-loop-factory';
import { RunAborted, type RunResult } from './run-result';
import { canBeProven, type Gate } from './gate/gate';
import { Gates } from './gate/gates';
import type { Tested } from './gate/judge';
import { testPlan, type TestPlan } from './gate/test-plan';
import { ResultCommits, startOf, type ResultCommit } from './result/result-commits';
import { RunInsights } from './run-insights';
import { RepositoryRules, type Rules } from './repository-rules';
import type { RunContext } from './run-context';
import { ResultPublisher } from './settings';

const MAX_COMMENTS = 50;
/** How often new commits on the branch are accepted before the result goes to a new branch. */
const MAX_BRANCH_MOVES = 3;

const OUTCOME_BY_VERDICT = {
  red: 'gate_red',
  tests_changed: 'tests_changed',
  no_tests: 'no_tests',
  not_proven: 'not_proven',
  no_change: 'no_change',
} as const;

/** Why a result is not accepted. */
interface Refusal {
  outcome: RunResult['outcome'];
  reason: string;
  /** Whether the agent cannot repair it. */
  isFinal: boolean;
  /** The failed execution to show to the agent. */
  execution?: TestExecution;
}

interface Verified {
  report: GateReport;
  commit: ResultCommit;
}

/** Implements a task, from the first test run to the delivered change. The gate decides about success, not the agent. */
@Injectable()
export class Implementation {
  constructor(
    @Inject(AgentLoopFactory) private readonly loops: AgentLoopFactory,
    @Inject(ResultCommits) private readonly commits: ResultCommits,
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
    const session = await context.workspaces.openForAgent(startOf(context));
    if (plan.setup) await this.installDependencies(context, session, plan.setup);
    return this.runRounds(context, session, { gate, base, rules, plan });
  }

  /** Commits the unfinished work of the agent and imports it from the sandbox. Returns null if there is none. */
  async saveWork(context: RunContext): Promise<string | null> {
    if (!context.run.baseCommit) return null;
    const session = await context.workspaces.openForAgent(startOf(context));
    return this.saveFrom(context, session);
  }

  private async saveFrom(context: RunContext, session: SandboxSession): Promise<string | null> {
    const message = commitMessage(`Work in progress on task ${context.task.number}`, '');
    return (await this.commits.create(context, session, { message, newFiles: [], dropsRejected: true })).headCommit;
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
      const tried = await this.tryToDeliver(context, session, gate, base, result);
      if ('status' in tried) return tried;
      if (result.stop) {
        if (tried.outcome === 'rejected_change') await this.keepWork(context, session);
        return failed(result.stop.outcome, `${result.stop.detail} ${tried.reason}`);
      }
      if (round > context.agent.limits.repairRounds || tried.isFinal) {
        if (tried.outcome === 'rejected_change') await this.keepWork(context, session);
        return { ...failed(tried.outcome, tried.reason), keepsWork: tried.outcome === 'rejected_change' };
      }
      await context.update({ repairRound: round });
      await context.journal.note(
        `repair:${round}`,
        'note',
        `Result not accepted, repair round ${round}`,
        tried.reason,
        'failed',
      );
      result = await loop.repair(round, repairMessage(tried.reason, tried.execution));
    }
  }

  /** Verifies the files of the workspace and delivers them. Returns the result of the run, or why they are not accepted. */
  private async tryToDeliver(
    context: RunContext,
    session: SandboxSession,
    gate: Gate,
    base: Tested,
    result: LoopResult,
  ): Promise<RunResult | Refusal> {
    for (let moves = 0; ; moves++) {
      let verified: Verified;
      try {
        verified = await this.verify(context, session, gate, base, result, moves === MAX_BRANCH_MOVES);
      } catch (error) {
        if (error instanceof InvalidError) return rejected(error);
        throw error;
      }
      const { report, commit } = verified;
      if (report.verdict === 'no_change' && context.lineage.isFollowUp && result.finish)
        return this.answer(context, result);
      if (report.verdict !== 'green') return refusalOf(report, commit);
      if (result.stop) return stopped(result.stop, report, commit);
      try {
        return await this.deliver(context, report, result, commit);
      } catch (error) {
        if (error instanceof RejectedChangeError) return rejected(error);
        if (!(error instanceof ConflictError) || moves === MAX_BRANCH_MOVES) throw error;
        await context.journal.note(`moved:${moves + 1}`, 'note', 'The branch has new commits', error.message, 'failed');
      }
    }
  }

  /** Commits what can be delivered of a rejected result, so that the work is not lost. */
  private async keepWork(context: RunContext, session: SandboxSession): Promise<void> {
    const headCommit = await this.saveFrom(context, session);
    if (headCommit) await context.update({ headCommit });
  }

  private async verify(
    context: RunContext,
    session: SandboxSession,
    gate: Gate,
    base: Tested,
    result: LoopResult,
    usesNewBranch: boolean,
  ): Promise<Verified> {
    await context.enterPhase('gate', 'Verifying the result');
    const unfinished: FinishReport = { title: `Work on task ${context.task.number}`, summary: '' };
    const { title, summary, newFiles = [] } = result.finish ?? unfinished;
    const message = commitMessage(title, summary);
    const commit = await this.commits.create(context, session, { message, newFiles, usesNewBranch });
    const { headCommit } = commit;
    if (headCommit === null) return { report: await this.storeGate(context, nothingChanged(base), null), commit };
    return { report: await this.storeGate(context, await gate.verify(base, headCommit), headCommit), commit };
  }

  private async storeGate(context: RunContext, report: GateReport, headCommit: string | null): Promise<GateReport> {
    const gate = context.journal.redacted(report);
    await context.update({ gate, headCommit });
    return gate;
  }

  private async deliver(
    context: RunContext,
    gate: GateReport,
    result: LoopResult,
    { leftOut, continued }: ResultCommit,
  ): Promise<RunResult> {
    const report = result.finish!;
    const { title, summary } = report;
    const detail = withLeftOut(gate.reason, leftOut);
    if (context.isReplay) return { status: 'succeeded', outcome: 'gate_green', detail };
    await this.approvals.require(context, { title, summary });
    await context.enterPhase('delivery', 'Delivering the change');
    await context.update({ summary });
    await this.delivery.deliver(
      { ...deliveryOf(context, result), continued, leftOut, report, gate, headCommit: context.run.headCommit! },
      context.fence,
    );
    await context.journal.note('effect:delivered', 'effect', 'Branch, change and comment were delivered');
    return { status: 'succeeded', outcome: 'gate_green', detail };
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

function refusalOf(report: GateReport, { leftOut }: ResultCommit): Refusal {
  const { verdict, reason, executions } = report;
  return {
    outcome: OUTCOME_BY_VERDICT[verdict as keyof typeof OUTCOME_BY_VERDICT],
    reason: withLeftOut(reason, leftOut),
    // The agent can name new files that were left out.
    isFinal: (verdict === 'no_change' && leftOut.length === 0) || !canBeProven(report),
    execution: verdict === 'not_proven' ? undefined : executions.findLast(({ exitCode }) => exitCode !== 0),
  };
}

/** Work of an agent that was stopped, as by a limit, may lack what no test checks. */
function stopped({ outcome }: LoopStop, { reason }: GateReport, { leftOut }: ResultCommit): Refusal {
  const note = 'The work was not delivered, because the agent did not say that it is complete.';
  return { outcome, reason: `${withLeftOut(reason, leftOut)} ${note}`, isFinal: true };
}

function rejected({ message }: Error): Refusal {
  const reason = `The result was rejected: ${message.replace(/^change: /, '')}.`;
  return { outcome: 'rejected_change', reason, isFinal: false };
}

function withLeftOut(reason: string, leftOut: LeftOutFile[]): string {
  return [reason, leftOutText(leftOut)].filter(Boolean).join(' ');
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
