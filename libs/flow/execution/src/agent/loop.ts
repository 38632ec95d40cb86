import { createHash } from 'node:crypto';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import type { RunOutcome } from '@teko/contracts';
import { TooLongError, type ChatMessage, type FinishReport, type ModelReply, type ToolCall } from '@teko/domain';
import type { AgentLimits } from '../agents';
import type { Journal } from '../journal';
import type { FindingDraft, ReplyDraft } from '../tools';
import { Context, sent, type Fitted, type Memo } from './context';
import type { ModelLedger } from './model-ledger';
import type { CheckpointSaver } from './saver';
import type { ToolRunner } from './tool-runner';
import { fitResults, tokensOf } from './turns';

/** Why the loop ended without `finish`. */
export interface LoopStop {
  outcome: RunOutcome;
  detail: string;
}

/** Messages that follow, or all of them anew. */
type MoreMessages = ChatMessage[] | { all: ChatMessage[] };

const append = <T>(a: T[], b: T[]) => [...a, ...b];
const LoopState = Annotation.Root({
  messages: Annotation<ChatMessage[], MoreMessages>({
    reducer: (a, b) => ('all' in b ? b.all : append(a, b)),
    default: () => [],
  }),
  /** What stands for turns that left the messages. */
  memo: Annotation<Memo>({ reducer: (_, b) => b, default: () => ({ summary: null, kept: [] }) }),
  findings: Annotation<FindingDraft[]>({ reducer: append, default: () => [] }),
  replies: Annotation<ReplyDraft[]>({ reducer: append, default: () => [] }),
  turn: Annotation<number>({ reducer: (_, b) => b, default: () => 0 }),
  tokens: Annotation<number>({ reducer: (a, b) => a + b, default: () => 0 }),
  /** Answers in a row that asked for nothing usable. */
  useless: Annotation<number>({ reducer: (_, b) => b, default: () => 0 }),
  /** The last calls with their answers, as a hash, and how often in a row they came. */
  same: Annotation<{ what: string; times: number }>({ reducer: (_, b) => b, default: () => ({ what: '', times: 0 }) }),
  /** Times the gate's answer was given back. */
  round: Annotation<number>({ reducer: (_, b) => b, default: () => 0 }),
  finish: Annotation<FinishReport | null>({ reducer: (_, b) => b, default: () => null }),
  stop: Annotation<LoopStop | null>({ reducer: (_, b) => b, default: () => null }),
});
export type LoopResult = Pick<typeof LoopState.State, 'finish' | 'stop' | 'turn' | 'findings' | 'replies'>;

export interface LoopParts {
  threadId: string;
  model: string;
  limits: AgentLimits;
  /** Tokens that one question may hold. */
  contextTokens: number;
  ledger: ModelLedger;
  journal: Pick<Journal, 'note'>;
  tools: ToolRunner;
  saver: CheckpointSaver;
  signal: AbortSignal;
  /** What was done and said in earlier runs; null where there is nothing. */
  before: string | null;
  /** Said before these turns, besides. */
  instructions: { turn: number; text: string }[];
  /** Told before each question to the model. */
  onTurn: (turn: number) => Promise<void>;
}

/**
 * The conversation of one agent: a graph of two nodes, model and tools, with a checkpoint after each. Limits are counted
 * in the nodes, so that they survive a restart.
 */
export class AgentLoop {
  private readonly graph;
  private readonly context: Context;

  constructor(private readonly parts: LoopParts) {
    const { model, contextTokens: limit, ledger, journal, signal } = parts;
    this.context = new Context({ model, limit, ledger, journal, signal });
    this.graph = new StateGraph(LoopState)
      .addNode('model', (state) => this.askModel(state))
      .addNode('tools', (state) => this.runTools(state))
      .addEdge(START, 'model')
      .addConditionalEdges('model', (state) => (state.stop ? END : 'tools'))
      .addConditionalEdges('tools', (state) => (state.stop || state.finish ? END : 'model'))
      .compile({ checkpointer: parts.saver });
  }

  /** Begins the conversation, or goes on where a crash left it. */
  start(opening: ChatMessage[]): Promise<LoopResult> {
    return this.advance(0, { messages: this.after(opening) });
  }

  /** Gives the gate's answer back; a round that was begun before a crash goes on. */
  repair(round: number, message: ChatMessage): Promise<LoopResult> {
    return this.advance(round, { messages: [message], round, finish: null, stop: null });
  }

  /** In one message with the opening: models may refuse two that follow each other, and count answers of this run alone. */
  private after(opening: ChatMessage[]): ChatMessage[] {
    const { before } = this.parts;
    const last = opening.at(-1);
    if (!before || !last) return opening;
    return [...opening.slice(0, -1), { ...last, content: `${before}\n\n${last.content}` }];
  }

  private async advance(round: number, input: Partial<typeof LoopState.State>): Promise<LoopResult> {
    const config = { configurable: { thread_id: this.parts.threadId } };
    const { values } = await this.graph.getState(config);
    const state = values as Partial<typeof LoopState.State>;
    const begun = (state.messages?.length ?? 0) > 0 && (state.round ?? 0) >= round;
    // Not by what the graph has to do next: that is empty too where a crash came before the first checkpoint of a round.
    if (begun && (state.finish || state.stop)) return state as LoopResult;
    const options = { ...config, durability: 'sync' as const, recursionLimit: 100_000, signal: this.parts.signal };
    return (await this.graph.invoke((begun ? null : input) as never, options)) as LoopResult;
  }

  private async askModel(state: typeof LoopState.State): Promise<Partial<typeof LoopState.Update>> {
    const { limits, instructions, onTurn } = this.parts;
    const turn = state.turn + 1;
    if (turn > limits.turns)
      return { stop: { outcome: 'turn_limit', detail: `The agent did not finish within ${limits.turns} turns.` } };
    if (state.tokens > limits.tokens)
      return { stop: { outcome: 'token_limit', detail: `The agent used more than ${limits.tokens} tokens.` } };
    await onTurn(turn);
    const added = instructions.filter((one) => one.turn === turn).map(({ text }) => said(text));
    const { memo, findings, replies } = state;
    const before = { messages: [...state.messages, ...added], memo, findings, replies };
    const { talk, tokens, reply } = await this.ask(turn, await this.context.fit(turn, before));
    const answer: ChatMessage = { role: 'assistant', content: reply.content, toolCalls: uniqueIds(reply.toolCalls) };
    const { input, output } = reply.usage;
    return {
      messages: talk === before ? [...added, answer] : { all: [...talk.messages, answer] },
      memo: talk.memo,
      turn,
      tokens: tokens + input + output,
    };
  }

  /** Where the model takes less than was thought it is asked with half of it, as often as that makes it shorter. */
  private async ask(turn: number, { talk, tokens }: Fitted): Promise<Fitted & { reply: ModelReply }> {
    const { limits, ledger, tools, model, signal, journal } = this.parts;
    const messages = sent(talk);
    const request = { model, messages, tools: tools.specs(), maxOutputTokens: limits.outputTokensPerTurn };
    try {
      return { talk, tokens, reply: await ledger.ask(turn, request, signal) };
    } catch (error) {
      if (!(error instanceof TooLongError)) throw error;
      const shorter = await this.context.fit(turn, talk, Math.floor(tokensOf(messages) / 2));
      if (shorter.talk === talk) throw error;
      await journal.note(`too-long:${turn}`, 'note', 'The model takes less at once', error.message, 'failed');
      return this.ask(turn, { talk: shorter.talk, tokens: tokens + shorter.tokens });
    }
  }

  private async runTools(state: typeof LoopState.State): Promise<Partial<typeof LoopState.State>> {
    const { limits, tools, signal } = this.parts;
    const last = state.messages.at(-1);
    const calls = last?.role === 'assistant' ? last.toolCalls : [];
    if (calls.length === 0) return this.remind(state);
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
      messages: fitResults(messages, this.parts.contextTokens / 2),
      findings,
      replies,
      finish,
      useless,
      same,
      stop: finish ? null : stopFor(useless, same.times, limits),
    };
  }

  private remind(state: typeof LoopState.State): Partial<typeof LoopState.State> {
    const useless = state.useless + 1;
    if (useless > 2)
      return {
        useless,
        stop: { outcome: 'not_finished', detail: 'The agent stopped asking for tools without calling finish.' },
      };
    return {
      useless,
      messages: [
        { role: 'user', content: `Go on with a tool (${this.parts.tools.names}), or call finish when all is done.` },
      ],
    };
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function said(content: string): ChatMessage {
  return { role: 'user', content };
}

function stopFor(useless: number, times: number, limits: AgentLimits): LoopStop | null {
  if (useless >= limits.uselessAnswers)
    return { outcome: 'no_progress', detail: `The agent asked ${useless} times in a row for what cannot be done.` };
  if (times >= limits.sameCalls)
    return {
      outcome: 'no_progress',
      detail: `The agent did the same thing ${times} times in a row with the same result.`,
    };
  return null;
}

/** Ids tell the results of a turn apart; some servers give none, or one twice. */
function uniqueIds(calls: ToolCall[]): ToolCall[] {
  const seen = new Set<string>();
  return calls.map((call, i) => {
    const id = call.id && !seen.has(call.id) ? call.id : `${call.id || 'call'}-${i}`;
    seen.add(id);
    return { ...call, id };
  });
}
