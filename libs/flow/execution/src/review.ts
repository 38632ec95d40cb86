import { Inject, Injectable } from '@nestjs/common';
import { ChangeRepository, Clock, FindingRepository, GitMirrors, Ids, type Finding } from '@teko/domain';
import { openingMessages } from './agents/prompt';
import { Conversations } from './conversation';
import { RunAborted, type RunResult } from './run-result';
import { RunInsights } from './run-insights';
import type { RunContext } from './run-context';
import { Delivery } from './settings';
import type { FindingDraft } from './tools';

/** A review of one change: findings with file and lines. Nothing that the agent writes leaves the sandbox. */
@Injectable()
export class Review {
  constructor(
    @Inject(Conversations) private readonly conversations: Conversations,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(FindingRepository) private readonly findings: FindingRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Delivery) private readonly delivery: Delivery,
    @Inject(RunInsights) private readonly notes: RunInsights,
  ) {}

  async work(scope: RunContext): Promise<RunResult> {
    const change = scope.task.changeId ? await this.changes.findById(scope.task.changeId) : null;
    if (!change)
      throw new RunAborted('repository_error', 'The change that was to be reviewed does not exist any more.');
    await scope.update({ baseCommit: change.baseCommit, headCommit: change.headCommit });
    const diff = await this.mirrors.diff(scope.run.repositoryId, change.baseCommit, change.headCommit);

    await scope.phase('agent', `${scope.agent.title} reads`);
    const session = await scope.workspaces.agent(change.headCommit);
    const loop = await this.conversations.open(scope, session, diff.files);
    const result = await loop.start(
      openingMessages({
        agent: scope.agent,
        run: scope.run,
        task: scope.task,
        comments: [],
        base: null,
        review: { change, diff },
        continued: null,
        told: null,
        isFollowUp: false,
        needsPlan: false,
        rules: null,
        plan: null,
        notes: await this.notes.given(scope, change.headCommit),
      }),
    );
    if (!result.finish)
      throw new RunAborted(
        result.stop?.outcome ?? 'not_finished',
        result.stop?.detail ?? 'The agent did not finish its review.',
      );

    await scope.phase('delivery', 'Giving the findings back');
    const findings = result.findings.map((draft) => this.finding(scope, change.id, draft));
    if (!scope.isReplay) await this.findings.replaceForRun(scope.run.id, findings);
    const found = findings.length === 1 ? 'one finding' : `${findings.length} findings`;
    const ending: RunResult = {
      status: 'succeeded',
      outcome: 'reviewed',
      detail: `Change ${change.number} was reviewed: ${found}.`,
    };
    if (!scope.isReplay)
      await this.delivery.report({ run: { ...scope.run, ...ending }, task: scope.task, findings }, scope.fence);
    await scope.update({ summary: result.finish.summary });
    await this.notes.reviewed(scope, change.number, findings);
    return ending;
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
