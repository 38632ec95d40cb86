import { Inject, Injectable } from '@nestjs/common';
import {
  BudgetRepository,
  CheckpointRepository,
  Clock,
  Ids,
  LanguageModels,
  ModelCallRepository,
  RunRepository,
  type ChangeDiff,
  type SandboxSession,
} from '@teko/domain';
import { AgentLoop } from './agent/loop';
import { ModelLedger } from './agent/model-ledger';
import { CheckpointSaver } from './agent/saver';
import { ToolRunner } from './agent/tool-runner';
import type { RunScope } from './run-scope';
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
  ) {
    this.saver = new CheckpointSaver(checkpoints);
  }

  open(scope: RunScope, session: SandboxSession, changedFiles: ChangeDiff['files']): AgentLoop {
    const { run, lease, agent, control, journal } = scope;
    const { signal } = control;
    const tools = TOOLS.filter(({ name }) => agent.tools.includes(name));
    return new AgentLoop({
      threadId: run.id,
      model: run.model!,
      limits: agent.limits,
      ledger: new ModelLedger(
        run,
        lease,
        this.models,
        this.calls,
        this.runs,
        this.budgets,
        journal,
        this.clock,
        this.ids,
      ),
      tools: new ToolRunner(tools, { session, signal, changedFiles }, journal, this.settings.redact),
      saver: this.saver,
      signal,
      onTurn: (turns) => scope.update({ turns }),
    });
  }

  /** A finished run is not resumed: its checkpoints go. */
  forget(runId: string): Promise<void> {
    return this.saver.deleteThread(runId);
  }
}
