import { Inject, Injectable } from '@nestjs/common';
import {
  BudgetRepository,
  CheckpointRepository,
  Clock,
  Ids,
  LanguageModels,
  ModelCallRepository,
  RunRepository,
  usesRecord,
  type ChangeDiff,
  type SandboxSession,
} from '@teko/domain';
import { AgentLoop } from './agent/loop';
import { ModelLedger } from './agent/model-ledger';
import { CheckpointSaver } from './agent/saver';
import { ToolRunner } from './agent/tool-runner';
import { Recording } from './agent/recording';
import { needsPlan } from './approvals';
import { Questions } from './people';
import { isFollowUp, type RunScope } from './run-scope';
import { ExecutionSettings } from './settings';
import { TOOLS } from './tools';

/** Puts together the loop of an agent for a run. */
@Injectable()
export class Conversations {
  private readonly saver: CheckpointSaver;

  constructor(
    @Inject(LanguageModels) private readonly models: LanguageModels,
    @Inject(ModelCallRepository) private readonly calls: ModelCallRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(BudgetRepository) private readonly budgets: BudgetRepository,
    @Inject(CheckpointRepository) checkpoints: CheckpointRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ExecutionSettings) private readonly settings: ExecutionSettings,
    @Inject(Questions) private readonly questions: Questions,
  ) {
    this.saver = new CheckpointSaver(checkpoints);
  }

  async open(scope: RunScope, session: SandboxSession, changedFiles: ChangeDiff['files']): Promise<AgentLoop> {
    const { run, lease, agent, control, journal } = scope;
    const { signal } = control;
    const plans = needsPlan(scope) && agent.tools.includes('edit_file');
    const names = [
      ...agent.tools,
      ...(plans ? ['propose_plan'] : []),
      ...(isFollowUp(scope) ? ['reply_to_thread'] : []),
    ];
    const tools = TOOLS.filter(({ name }) => names.includes(name));
    const people = this.questions.for(scope);
    return new AgentLoop({
      threadId: run.id,
      model: run.model!,
      limits: agent.limits,
      ledger: new ModelLedger({
        run,
        lease,
        models: this.models,
        calls: this.calls,
        runs: this.runs,
        budgets: this.budgets,
        journal,
        clock: this.clock,
        ids: this.ids,
        fallback: scope.fallback,
        recording: await this.recordingOf(scope),
      }),
      tools: new ToolRunner(tools, { session, signal, changedFiles, people }, journal, this.settings.redact),
      saver: this.saver,
      signal,
      instructions: scope.lineage.instructions,
      onTurn: (turns) => scope.update({ turns }),
    });
  }

  /** What a replay takes all its answers from, and a fork those before its turn. */
  private async recordingOf({ run: { origin } }: RunScope): Promise<Recording | null> {
    if (!usesRecord(origin)) return null;
    const until = origin.kind === 'replay' ? Number.POSITIVE_INFINITY : (origin.turn ?? 1);
    return new Recording(await this.calls.findByRun(origin.runId), until);
  }

  /** A finished run is not resumed: its checkpoints go. */
  forget(runId: string): Promise<void> {
    return this.saver.deleteThread(runId);
  }
}
