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
  usesRecordedReplies,
  type ChangeDiff,
  type SandboxSession,
} from '@teko/domain';
import { langgraph } from './loop/langgraph';
import type { AgentLoop } from './loop/agent-loop';
import { ModelLedger } from './loop/model-ledger';
import { ToolRunner } from './loop/tool-runner';
import { Recording } from './loop/recording';
import { needsPlan } from './approvals';
import { RunInsights } from './run-insights';
import { HumanInputService } from './human-input.service';
import type { RunContext } from './run-context';
import { ExecutionSettings } from './settings';
import { ConversationHistory } from './conversation-history';
import { TOOLS, type CodeSearch } from './tools';

/** Creates the agent loop of a run. */
@Injectable()
export class AgentLoopFactory {
  constructor(
    @Inject(LanguageModels) private readonly models: LanguageModels,
    @Inject(ModelCallRepository) private readonly calls: ModelCallRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(BudgetRepository) private readonly budgets: BudgetRepository,
    @Inject(CheckpointRepository) private readonly checkpoints: CheckpointRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(ExecutionSettings) private readonly settings: ExecutionSettings,
    @Inject(HumanInputService) private readonly humanInput: HumanInputService,
    @Inject(Memory) private readonly memory: Memory,
    @Inject(RunInsights) private readonly insights: RunInsights,
    @Inject(ConversationHistory) private readonly history: ConversationHistory,
  ) {}

  /** Resolves the history of earlier runs first, which can take a model call. */
  async create(context: RunContext, session: SandboxSession, changedFiles: ChangeDiff['files']): Promise<AgentLoop> {
    const { run, agent, supervisor, journal } = context;
    const { signal } = supervisor;
    const proposesPlan = needsPlan(context) && agent.tools.includes('edit_file');
    const names = [
      ...agent.tools,
      ...(proposesPlan ? ['propose_plan'] : []),
      ...(context.lineage.isFollowUp ? ['reply_to_thread'] : []),
    ];
    const tools = TOOLS.filter(({ name }) => names.includes(name));
    const humanInput = this.humanInput.forRun(context);
    const ledger = await this.ledgerOf(context);
    const { AgentLoop: Loop, CheckpointSaver } = await langgraph();
    return new Loop({
      threadId: run.id,
      title: context.task.title,
      model: run.model!,
      limits: agent.limits,
      contextTokens: this.settings.contextTokens,
      ledger,
      journal,
      history: await this.history.load(context, ledger),
      tools: new ToolRunner(
        tools,
        {
          session,
          signal,
          changedFiles,
          humanInput,
          codeSearch: this.codeSearchOf(context),
          insights: this.insights.writerFor(context, session),
        },
        journal,
        this.settings.redact,
      ),
      saver: new CheckpointSaver(this.checkpoints),
      signal,
      instructions: context.lineage.instructions,
      onTurn: (turns) => context.update({ turns }),
    });
  }

  private async ledgerOf(context: RunContext): Promise<ModelLedger> {
    const { run, lease, journal, fallback } = context;
    const { models, calls, runs, budgets, clock, ids } = this;
    const recording = await this.recordingOf(context);
    return new ModelLedger({ run, lease, models, calls, runs, budgets, journal, clock, ids, fallback, recording });
  }

  /** Searches only the repository of the run. */
  private codeSearchOf({ run, supervisor }: RunContext): CodeSearch {
    const repositoryIds = [run.repositoryId];
    return {
      search: (text, options) => this.memory.search({ repositoryIds, text, ...options }, supervisor.signal),
    };
  }

  /** A replay uses all recorded replies of its source, a fork those before its turn. */
  private async recordingOf({ run: { origin } }: RunContext): Promise<Recording | null> {
    if (!usesRecordedReplies(origin)) return null;
    const until = origin.kind === 'replay' ? Number.POSITIVE_INFINITY : (origin.turn ?? 1);
    return new Recording(await this.calls.findByRun(origin.runId), until);
  }

  /** Deletes the checkpoints of a finished run, which cannot be resumed. */
  deleteCheckpoints(runId: string): Promise<void> {
    return this.checkpoints.deleteThread(runId);
  }
}
