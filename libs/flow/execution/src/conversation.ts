import { Inject, Injectable } from '@nestjs/common';
import {
  BudgetRepository,
  CheckpointRepository,
  Clock,
  Ids,
  LanguageModels,
  Memory,
  ModelCallRepository,
  RunRepository,
  usesRecord,
  type ChangeDiff,
  type SandboxSession,
} from '@teko/domain';
import { langgraph } from './agent/langgraph';
import type { AgentLoop } from './agent/loop';
import { ModelLedger } from './agent/model-ledger';
import { ToolRunner } from './agent/tool-runner';
import { Recording } from './agent/recording';
import { needsPlan } from './approvals';
import { RunInsights } from './run-insights';
import { HumanInputService } from './human-input';
import type { RunContext } from './run-context';
import { ExecutionSettings } from './settings';
import { ConversationHistory } from './conversation-history';
import { TOOLS, type CodeMemory } from './tools';

/** Puts together the loop of an agent for a run. */
@Injectable()
export class Conversations {
  constructor(
    @Inject(LanguageModels) private readonly models: LanguageModels,
    @Inject(ModelCallRepository) private readonly calls: ModelCallRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(BudgetRepository) private readonly budgets: BudgetRepository,
    @Inject(CheckpointRepository) private readonly checkpoints: CheckpointRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ExecutionSettings) private readonly settings: ExecutionSettings,
    @Inject(HumanInputService) private readonly questions: HumanInputService,
    @Inject(Memory) private readonly memory: Memory,
    @Inject(RunInsights) private readonly notes: RunInsights,
    @Inject(ConversationHistory) private readonly threads: ConversationHistory,
  ) {}

  async open(scope: RunContext, session: SandboxSession, changedFiles: ChangeDiff['files']): Promise<AgentLoop> {
    const { run, agent, control, journal } = scope;
    const { signal } = control;
    const plans = needsPlan(scope) && agent.tools.includes('edit_file');
    const names = [
      ...agent.tools,
      ...(plans ? ['propose_plan'] : []),
      ...(scope.lineage.isFollowUp ? ['reply_to_thread'] : []),
    ];
    const tools = TOOLS.filter(({ name }) => names.includes(name));
    const people = this.questions.for(scope);
    const ledger = await this.ledgerOf(scope);
    const { AgentLoop: Loop, CheckpointSaver } = await langgraph();
    return new Loop({
      threadId: run.id,
      model: run.model!,
      limits: agent.limits,
      contextTokens: this.settings.contextTokens,
      ledger,
      journal,
      before: await this.threads.before(scope, ledger),
      tools: new ToolRunner(
        tools,
        { session, signal, changedFiles, people, code: this.codeOf(scope), notes: this.notes.for(scope, session) },
        journal,
        this.settings.redact,
      ),
      saver: new CheckpointSaver(this.checkpoints),
      signal,
      instructions: scope.lineage.instructions,
      onTurn: (turns) => scope.update({ turns }),
    });
  }

  private async ledgerOf(scope: RunContext): Promise<ModelLedger> {
    const { run, lease, journal, fallback } = scope;
    const { models, calls, runs, budgets, clock, ids } = this;
    const recording = await this.recordingOf(scope);
    return new ModelLedger({ run, lease, models, calls, runs, budgets, journal, clock, ids, fallback, recording });
  }

  /** Of the run's own repository alone. */
  private codeOf({ run, control }: RunContext): CodeMemory {
    const repositoryIds = [run.repositoryId];
    return {
      search: (text, options) => this.memory.search({ repositoryIds, text, ...options }, control.signal),
    };
  }

  /** What a replay takes all its answers from, and a fork those before its turn. */
  private async recordingOf({ run: { origin } }: RunContext): Promise<Recording | null> {
    if (!usesRecord(origin)) return null;
    const until = origin.kind === 'replay' ? Number.POSITIVE_INFINITY : (origin.turn ?? 1);
    return new Recording(await this.calls.findByRun(origin.runId), until);
  }

  /** A finished run is not resumed: its checkpoints go. */
  forget(runId: string): Promise<void> {
    return this.checkpoints.deleteThread(runId);
  }
}
