import { createHash } from 'node:crypto';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import type { RunOutcome } from '@teko/contracts';
import { ContextLengthError, type ChatMessage, type FinishReport, type ModelReply, type ToolCall } from '@teko/domain';
import type { AgentLimits } from '../agents';
import type { RunJournal } from '../run-journal';
import type { FindingDraft, ReplyDraft } from '../tools';
import { toolName } from '../tools/arguments';
import { ContextWindow, requestMessages, type FittedConversation, type Memo } from './context-window';
import type { ModelLedger } from './model-ledger';
import type { CheckpointSaver } from './checkpoint-saver';
import type { ToolRunner } from './tool-runner';
import { fitResults, tokensOf, truncateMiddle } from './turns';

const MAX_REMINDERS = 2;
/** With the notice of what was omitted, at most the length of the summary of `finish`. */
const MAX_SUMMARY_CHARACTERS = 4_900;

/** Why the loop ended without `finish`. */
export interface LoopStop {
  outcome: RunOutcome;
  detail: string;
}

/** Messages to append, or a replacement for all messages. */
type MessagesUpdate = ChatMessage[] | { all: ChatMessage[] };

const append = <T>(a: T[], b: T[]) => [...a, ...b];
/** The names of the channels are stored in checkpoints. */
const LoopState = Annotation.Root({
  messages: Annotation<ChatMessage[], MessagesUpdate>({
    reducer: (a, b) => ('all' in b ? b.all : append(a, b)),
    default: () => [],
  }),
  /** Replaces the turns that were removed from `messages`. */
  memo: Annotation<Memo>({ reducer: (_, b) => b, default: () => ({ summary: null, kept: [] }) }),
  findings: Annotation<FindingDraft[]>({ reducer: append, default: () => [] }),
  replies: Annotation<ReplyDraft[]>({ reducer: append, default: () => [] }),
  turn: Annotation<number>({ reducer: (_, b) => b, default: () => 0 }),
  tokens: Annotation<number>({ reducer: (a, b) => a + b, default: () => 0 }),
  /** Turns in a row without a successful call. */
  useless: Annotation<number>({ reducer: (_, b) => b, default: () => 0 }),
  /** Hash of the last calls with their results, and how often in a row they occurred. */
  same: Annotation<{ what: string; times: number }>({ reducer: (_, b) => b, default: () => ({ what: '', times: 0 }) }),
  /** Replies in a row that called no tool. */
  withoutCall: Annotation<number>({ reducer: (_, b) => b, default: () => 0 }),
  /** Number of the current repair round; 0 before the first. */
  round: Annotation<number>({ reducer: (_, b) => b, default: () => 0 }),
  finish: Annotation<FinishReport | null>({ reducer: (_, b) => b, default: () => null }),
  stop: Annotation<LoopStop | null>({ reducer: (_, b) => b, default: () => null }),
});
export type LoopResult = Pick<typeof LoopState.State, 'finish' | 'stop' | 'turn' | 'findings' | 'replies'>;

export interface AgentLoopOptions {
  threadId: string;
  /** Title of the report if the agent ends with text instead of `finish`. */
  title: string;
  model: string;
  limits: AgentLimits;
  /** Maximum of estimated tokens per request. */
  contextTokens: number;
  ledger: ModelLedger;
  journal: Pick<RunJournal, 'note'>;
  tools: ToolRunner;
  saver: CheckpointSaver;
  signal: AbortSignal;
  /** What happened in earlier runs of the task, or null if there were none. */
  history: string | null;
  /** User messages to add before single turns. */
  instructions: { turn: number; text: string }[];
  /** Called before each request to the model. */
  onTurn: (turn: number) => Promise<void>;
}

/**
 * Runs the conversation of one agent: a graph of two nodes, model and tools, with a checkpoint after each. The counters of
 * the limits are part of the state, so they survive a restart.
 */
export class AgentLoop {
  private readonly graph;
  private readonly contextWindow: ContextWindow;

  constructor(private readonly options: AgentLoopOptions) {
    const { model, contextTokens: limit, ledger, journal, signal } = options;
    this.contextWindow = new ContextWindow({ model, limit, ledger, journal, signal });
    this.graph = new StateGraph(LoopState)
      .addNode('model', (state) => this.callModel(state))
      .addNode('tools', (state) => this.runTools(state))
      .addEdge(START, 'model')
      .addConditionalEdges('model', (state) => (state.stop ? END : 'tools'))
      .addConditionalEdges('tools', (state) => (state.stop || state.finish ? END : 'model'))
      .compile({ checkpointer: options.saver });
  }

  /** Starts the conversation, or resumes it at the last checkpoint. */
  start(opening: ChatMessage[]): Promise<LoopResult> {
    return this.advance(0, { messages: this.withHistory(opening) });
  }

  /** Continues with the message of the gate. Resumes the round if it was started before a crash. */
  repair(round: number, message: ChatMessage): Promise<LoopResult> {
    return this.advance(round, { messages: [message], round, finish: null, stop: null, withoutCall: 0 });
  }

  /** Adds the history to the last opening message, because some models refuse consecutive user messages. */
  private withHistory(opening: ChatMessage[]): ChatMessage[] {
    const { history } = this.options;
    const last = opening.at(-1);
    if (!history || !last) return opening;
    return [...opening.slice(0, -1), { ...last, content: `${history}\n\n${last.content}` }];
  }

  private async advance(round: number, input: Partial<typeof LoopState.State>): Promise<LoopResult> {
    const config = { configurable: { thread_id: this.options.threadId } };
    const { values } = await this.graph.getState(config);
    const state = values as Partial<typeof LoopState.State>;
    const isStarted = (state.messages?.length ?? 0) > 0 && (state.round ?? 0) >= round;
    // The next tasks of the graph are no indicator: they are also empty after a crash before the first checkpoint of a round.
    if (isStarted && (state.finish || state.stop)) return state as LoopResult;
    const invokeOptions = {
      ...config,
      durability: 'sync' as const,
      recursionLimit: 100_000,
      signal: this.options.signal,
    };
    return (await this.graph.invoke((isStarted ? null : input) as never, invokeOptions)) as LoopResult;
  }

  private async callModel(state: typeof LoopState.State): Promise<Partial<typeof LoopState.Update>> {
    const { limits, instructions, onTurn } = this.options;
    const turn = state.turn + 1;
    if (turn > limits.turns)
      return { stop: { outcome: 'turn_limit', detail: `The agent did not finish within ${limits.turns} turns.` } };
    if (state.tokens > limits.tokens)
      return { stop: { outcome: 'token_limit', detail: `The agent used more than ${limits.tokens} tokens.` } };
    await onTurn(turn);
    const added = instructions.filter((one) => one.turn === turn).map(({ text }) => userMessage(text));
    const { memo, findings, replies } = state;
    const before = { messages: [...state.messages, ...added], memo, findings, replies };
    const { conversation, tokens, reply } = await this.complete(turn, await this.contextWindow.fit(turn, before));
    const message: ChatMessage = {
      role: 'assistant',
      content: reply.content,
      toolCalls: acceptableCalls(reply.toolCalls),
    };
    const { input, output } = reply.usage;
    return {
      messages: conversation === before ? [...added, message] : { all: [...conversation.messages, message] },
      memo: conversation.memo,
      turn,
      tokens: tokens + input + output,
    };
  }

  /** Retries with half of the tokens as long as the model refuses the request as too long. */
  private async complete(
    turn: number,
    { conversation, tokens }: FittedConversation,
  ): Promise<FittedConversation & { reply: ModelReply }> {
    const { limits, ledger, tools, model, signal, journal } = this.options;
    const messages = requestMessages(conversation);
    const request = { model, messages, tools: tools.specs(), maxOutputTokens: limits.outputTokensPerTurn };
    try {
      return { conversation, tokens, reply: await ledger.complete(turn, request, signal) };
    } catch (error) {
      if (!(error instanceof ContextLengthError)) throw error;
      const shorter = await this.contextWindow.fit(turn, conversation, Math.floor(tokensOf(messages) / 2));
      if (shorter.conversation === conversation) throw error;
      await journal.note(`too-long:${turn}`, 'note', 'The request was too long for the model', error.message, 'failed');
      return this.complete(turn, { conversation: shorter.conversation, tokens: tokens + shorter.tokens });
    }
  }

  private async runTools(state: typeof LoopState.State): Promise<Partial<typeof LoopState.State>> {
    const { limits, tools, signal } = this.options;
    const last = state.messages.at(-1);
    const calls = last?.role === 'assistant' ? last.toolCalls : [];
    if (calls.length === 0) return this.remind(state, last?.content.trim() ?? '');
    const messages: ChatMessage[] = [];
    const findings: FindingDraft[] = [];
    const replies: ReplyDraft[] = [];
    let finish: LoopResult['finish'] = null;
    for (const call of calls) {
      signal.throwIfAborted();
      const result = await tools.run(state.turn, call);
      messages.push({
        role: 'tool',
        toolCallId: call.id,
        name: call.name,
        content: result.content,
        isError: result.isError ?? false,
      });
      if (result.finding) findings.push(result.finding);
      if (result.reply) replies.push(result.reply);
      finish = result.finish ?? finish;
    }
    const useless = messages.every((message) => message.role === 'tool' && message.isError) ? state.useless + 1 : 0;
    const what = hashOf([
      calls.map(({ name, args, rawArgs }) => [name, args, rawArgs]),
      messages.map(({ content }) => content),
    ]);
    const same = { what, times: what === state.same.what ? state.same.times + 1 : 1 };
    return {
      messages: fitResults(messages, this.options.contextTokens / 2),
      findings,
      replies,
      finish,
      useless,
      withoutCall: 0,
      same,
      stop: finish ? null : stopFor(useless, same.times, limits),
    };
  }

  /**
   * Answers a reply that called no tool with a reminder. If the agent replies with text again, the text is its summary: the gate
   * decides what the work is worth. An agent that has done nothing has nothing to report.
   */
  private remind(state: typeof LoopState.State, text: string): Partial<typeof LoopState.State> {
    const { title, tools, limits } = this.options;
    const withoutCall = state.withoutCall + 1;
    const useless = state.useless + 1;
    const hasWorked = state.messages.some((message) => message.role === 'tool' && !message.isError);
    if (withoutCall > 1 && text && hasWorked)
      return { withoutCall, finish: { title, summary: truncateMiddle(text, MAX_SUMMARY_CHARACTERS) } };
    if (withoutCall > MAX_REMINDERS)
      return {
        withoutCall,
        stop: { outcome: 'not_finished', detail: 'The agent stopped calling tools without calling finish.' },
      };
    return {
      withoutCall,
      useless,
      messages: [userMessage(`Continue with a tool (${tools.names}), or call finish if everything is done.`)],
      stop: stopFor(useless, 0, limits),
    };
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function userMessage(content: string): ChatMessage {
  return { role: 'user', content };
}

function stopFor(useless: number, times: number, limits: AgentLimits): LoopStop | null {
  if (useless >= limits.uselessAnswers)
    return { outcome: 'no_progress', detail: `The agent made no successful call in ${useless} turns in a row.` };
  if (times >= limits.sameCalls)
    return {
      outcome: 'no_progress',
      detail: `The agent made the same calls ${times} times in a row with the same results.`,
    };
  return null;
}

/** Makes ids unique and names valid: some servers send none or duplicates, and providers refuse other names in the history. */
function acceptableCalls(calls: ToolCall[]): ToolCall[] {
  const seen = new Set<string>();
  return calls.map((call, i) => {
    const id = call.id && !seen.has(call.id) ? call.id : `${call.id || 'call'}-${i}`;
    seen.add(id);
    return { ...call, id, name: toolName(call.name) };
  });
}
