import { Inject, Injectable } from '@nestjs/common';
import {
  CommentRepository,
  GitMirrors,
  inert,
  isVisibleToAgent,
  type CodebaseProfile,
  type GateReport,
  type SandboxSession,
  type TestExecution,
} from '@teko/domain';
import { openingMessages, repairMessage } from './agents/prompt';
import type { LoopResult } from './agent/loop';
import { Approvals, needsPlan } from './approvals';
import { Conversations } from './conversation';
import { RunAborted, type RunResult } from './run-result';
import { Gate, testPlan, type TestPlan } from './gate/gate';
import { RunInsights } from './run-insights';
import { RepositoryRules, type Rules } from './repository-rules';
import type { RunContext } from './run-context';
import { Delivery } from './settings';

const MAX_COMMENTS = 50;

const OUTCOME_BY_VERDICT = {
  red: 'gate_red',
  tests_changed: 'tests_changed',
  no_tests: 'no_tests',
  no_change: 'no_change',
} as const;

/** An implementation from the first test to the delivered change. The gate decides, not the agent. */
@Injectable()
export class Implementation {
  constructor(
    @Inject(Conversations) private readonly conversations: Conversations,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(Delivery) private readonly delivery: Delivery,
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(RepositoryRules) private readonly rules: RepositoryRules,
    @Inject(RunInsights) private readonly notes: RunInsights,
  ) {}

  async work(scope: RunContext, profile: CodebaseProfile): Promise<RunResult> {
    const baseCommit = scope.run.baseCommit!;
    const rules = await this.rules.of(scope);
    const plan = testPlan(scope.repository, profile, rules);
    if (!plan.test)
      throw new RunAborted(
        'no_tests',
        'No test command was found, so nothing could be proven. Set one on the repository.',
      );
    const gate = new Gate(
      scope.run,
      scope.task,
      plan,
      this.mirrors,
      (name, commit, use) => scope.workspaces.fresh(name, commit, use),
      scope.journal,
      scope.control.signal,
    );

    await scope.phase('baseline', 'Testing the code as it is');
    const base = await gate.base(baseCommit);

    await scope.phase('agent', `${scope.agent.title} works`);
    const session = await scope.workspaces.agent(scope.lineage.continued?.headCommit ?? baseCommit);
    if (plan.setup) await this.setUp(scope, session, plan.setup);
    return this.rounds(scope, session, { gate, base, rules, plan });
  }

  /** What the agent did so far, saved outside the sandbox: for an honest end that is not a success. */
  async saveWork(scope: RunContext): Promise<string | null> {
    const { baseCommit } = scope.run;
    if (!baseCommit) return null;
    const session = await scope.workspaces.agent(baseCommit);
    return scope.workspaces.takeResult(session, baseCommit, `Work in progress on task ${scope.task.number}`);
  }

  private async rounds(
    scope: RunContext,
    session: SandboxSession,
    { gate, base, rules, plan }: { gate: Gate; base: TestExecution; rules: Rules; plan: TestPlan },
  ): Promise<RunResult> {
    const loop = await this.conversations.open(scope, session, []);
    // What was said after a run that is played again or asked differently it cannot have known.
    const until = scope.lineage.heardUntil ?? new Date(8.64e15);
    const comments = await this.comments.findLatest(scope.task.id, MAX_COMMENTS);
    const said = comments.filter((comment) => isVisibleToAgent(comment) && comment.createdAt <= until);
    let result = await loop.start(
      openingMessages({
        agent: scope.agent,
        run: scope.run,
        task: scope.task,
        comments: said,
        base,
        review: null,
        continued: scope.lineage.continued,
        told: scope.lineage.told,
        isFollowUp: scope.lineage.isFollowUp,
        needsPlan: needsPlan(scope),
        rules,
        notes: await this.notes.given(scope, scope.lineage.continued?.headCommit ?? base.commit),
        plan,
      }),
    );
    for (let round = 1; ; round++) {
      const report = await this.prove(scope, session, gate, base, result);
      if (report.verdict === 'green') return this.deliver(scope, report, result);
      if (report.verdict === 'no_change' && scope.lineage.isFollowUp && result.finish)
        return this.answer(scope, result);
      if (result.stop)
        return failed(
          result.stop.outcome,
          `${result.stop.detail} ${report.verdict === 'no_change' ? 'Nothing was changed.' : report.reason}`,
        );
      if (round > scope.agent.limits.repairRounds || report.verdict === 'no_change')
        return failed(OUTCOME_BY_VERDICT[report.verdict], report.reason);
      await scope.update({ repairRound: round });
      await scope.journal.note(
        `repair:${round}`,
        'note',
        `Not accepted, repair round ${round}`,
        report.reason,
        'failed',
      );
      result = await loop.repair(
        round,
        repairMessage(
          report.reason,
          report.executions.findLast(({ exitCode }) => exitCode !== 0),
        ),
      );
    }
  }

  private async prove(
    scope: RunContext,
    session: SandboxSession,
    gate: Gate,
    base: TestExecution,
    result: LoopResult,
  ): Promise<GateReport> {
    await scope.phase('gate', 'Proving the result');
    const { title, summary } = result.finish ?? { title: `Work on task ${scope.task.number}`, summary: '' };
    const message = inert(`${title}\n\n${summary}`.trim());
    const headCommit = await scope.workspaces.takeResult(session, base.commit, message);
    const isNew =
      headCommit !== null && !(scope.lineage.isFollowUp && headCommit === scope.lineage.continued?.headCommit);
    if (!isNew) return this.keep(scope, nothingChanged(base), null);
    return this.keep(scope, await gate.prove(base, headCommit), headCommit);
  }

  private async keep(scope: RunContext, gate: GateReport, headCommit: string | null): Promise<GateReport> {
    await scope.update({ gate, headCommit });
    return gate;
  }

  private async deliver(scope: RunContext, gate: GateReport, result: LoopResult): Promise<RunResult> {
    const report = result.finish ?? { title: scope.task.title, summary: '' };
    const { title, summary } = report;
    if (scope.isReplay) return { status: 'succeeded', outcome: 'gate_green', detail: gate.reason };
    await this.approvals.require(scope, { title, summary });
    await scope.phase('delivery', 'Giving the change back');
    await scope.update({ summary });
    await this.delivery.deliver(
      { ...given(scope, result), report, gate, headCommit: scope.run.headCommit! },
      scope.fence,
    );
    await scope.journal.note('effect:delivered', 'effect', 'Branch, change and comment are written');
    return { status: 'succeeded', outcome: 'gate_green', detail: gate.reason };
  }

  /** Nothing had to be changed: what was asked is answered, and the change stays as it was proven. */
  private async answer(scope: RunContext, result: LoopResult): Promise<RunResult> {
    const ending: RunResult = {
      status: 'succeeded',
      outcome: 'answered',
      detail: 'Answered; the change stays as it is.',
    };
    if (scope.isReplay) return ending;
    await scope.phase('delivery', 'Answering');
    await scope.update({ summary: result.finish!.summary });
    const { headCommit } = scope.lineage.continued!;
    await this.delivery.answer({ ...given(scope, result), report: result.finish!, headCommit }, scope.fence);
    return ending;
  }

  private async setUp(scope: RunContext, session: SandboxSession, command: string): Promise<void> {
    await scope.journal.step('setup', 'note', 'Installing dependencies', { command }, async () => {
      const { code, head, tail } = await session.exec(['bash', '-c', command], {
        env: { npm_config_fetch_retries: '0', PIP_RETRIES: '0' },
        signal: scope.control.signal,
      });
      const hint =
        code === 0
          ? ''
          : '\nThe sandbox has no network: only dependencies that are in the repository or on the host can be used.';
      return { status: code === 0 ? 'done' : 'failed', output: head + tail + hint, data: { exitCode: code } };
    });
  }
}

function given({ run, task, repository, lineage }: RunContext, { replies }: LoopResult) {
  return { run, task, repository, continued: lineage.continued, replies };
}

function failed(outcome: RunResult['outcome'], detail: string): RunResult {
  return { status: 'failed', outcome, detail: detail.trim() };
}

function nothingChanged(base: TestExecution): GateReport {
  return {
    verdict: 'no_change',
    reason: 'The agent changed nothing.',
    newFailures: [],
    oldFailures: base.tests?.failed ?? [],
    fixed: [],
    alteredTests: [],
    executions: [base],
  };
}
