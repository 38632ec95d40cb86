import { ModelError, type ChatMessage } from '@teko/domain';
import { data } from '../agents/prompt';
import type { Journal } from '../journal';
import type { FindingDraft, ReplyDraft } from '../tools';
import type { ModelLedger } from './model-ledger';
import { NOT_SUMMED_UP, summaryOf } from './summary';
import { cutMiddle, recentTurns, tokensOf, transcript, turnsOf, turnText, withoutResults, type Turn } from './turns';

/** Older turns without their results are summed up from this number on, however short they are. */
const MAX_TURNS = 60;
const MAX_KEPT_ITEMS = 10;
const MAX_CHARACTERS_KEPT = 4_000;
/** Results of these are what people said, and stay word for word. */
const SAID_BY_PEOPLE = ['propose_plan', 'ask_requester'];

/** What stands for the turns that are not in the conversation any more. */
export interface Memo {
  summary: string | null;
  /** What people said, word for word. */
  kept: string[];
}

/** A conversation while it goes on. */
export interface Talk {
  messages: ChatMessage[];
  memo: Memo;
  findings: FindingDraft[];
  replies: ReplyDraft[];
}

/** A conversation that fits, and the tokens that it took to make it so. */
export interface Fitted {
  talk: Talk;
  tokens: number;
}

export interface ContextParts {
  model: string;
  /** Tokens that are sent at most, by our estimate; less than the window of a model. */
  limit: number;
  ledger: ModelLedger;
  journal: Pick<Journal, 'note'>;
  signal: AbortSignal;
}

/**
 * Keeps what is sent to the model within a budget. Where it is passed, old results are left out; where that is not enough
 * by half, the old turns are summed up. So it is done rarely, and the provider's cache of what was sent holds in between.
 */
export class Context {
  constructor(private readonly parts: ContextParts) {}

  async fit(turn: number, talk: Talk, limit = this.parts.limit): Promise<Fitted> {
    const { ledger } = this.parts;
    // A run that takes recorded answers sums up where they were given so, however long its own results are.
    const then = ledger.summedUpThen(turn);
    const before = tokensOf(sent(talk));
    const { head, turns } = turnsOf(talk.messages);
    const recent = recentTurns(turns, limit / 4);
    const older = turns.slice(0, -recent);
    const isShort = before <= limit || tokensOf(older.flat()) < limit / 8;
    if (older.length === 0 || (isShort && !then)) return { talk, tokens: 0 };
    const rest = [...head, ...turns.slice(-recent).flat()];
    const short = older.map(withoutResults);
    const shortened = { ...talk, messages: [...head, ...short.flat(), ...turns.slice(-recent).flat()] };
    const after = tokensOf(sent(shortened));
    if (!(then ?? (after > limit / 2 || older.length > MAX_TURNS))) {
      if (after >= before) return { talk, tokens: 0 };
      await this.note(turn, 'Old results were left out of the conversation', sizes(before, after));
      return { talk: shortened, tokens: 0 };
    }
    return this.sumUp(turn, { ...talk, messages: rest }, older, { before, limit });
  }

  private async sumUp(
    turn: number,
    rest: Talk,
    older: Turn[],
    { before, limit }: { before: number; limit: number },
  ): Promise<Fitted> {
    const { ledger, model, signal } = this.parts;
    const kept = [...rest.memo.kept, ...older.flatMap(saidByPeople)].slice(-MAX_KEPT_ITEMS);
    const ask = (request: Parameters<ModelLedger['sumUp']>[1]) => ledger.sumUp(turn, request, signal);
    try {
      const summary = await summaryOf({ before: rest.memo.summary, text: transcript(older, limit / 2), model, ask });
      const talk = { ...rest, memo: { summary: summary.text, kept } };
      const size = sizes(before, tokensOf(sent(talk)));
      await this.note(turn, 'Earlier turns were summed up', `${size}\n\n${summary.text}`);
      return { talk, tokens: summary.tokens };
    } catch (error) {
      if (!(error instanceof ModelError) || error.retriable) throw error;
      const talk = { ...rest, memo: { summary: withoutSummary(rest.memo.summary, older, limit / 8), kept } };
      await this.note(turn, 'Earlier turns could not be summed up and were cut', error.message, 'failed');
      return { talk, tokens: 0 };
    }
  }

  private async note(turn: number, title: string, text: string, status: 'done' | 'failed' = 'done'): Promise<void> {
    await this.parts.journal.note(`context:${turn}`, 'note', title, text, status);
  }
}

/** The messages as the model gets them: what stands for older turns follows what was said at the start. */
export function sent({ messages, memo, findings, replies }: Talk): ChatMessage[] {
  if (memo.summary === null) return messages;
  const { head } = turnsOf(messages);
  const parts = [
    'The turns after this were many and are not shown any more. This is the record of them; after it the conversation goes on.',
    data('record of earlier turns', memo.summary),
    memo.kept.length > 0 && data('what people said in them', memo.kept.join('\n\n')),
    findings.length > 0 && data('reported with report_finding until now', findings.map(titleOf).join('\n')),
    replies.length > 0 &&
      `Answered with reply_to_thread until now: ${replies.map(({ threadId }) => threadId).join(', ')}.`,
  ];
  const last = head.at(-1);
  if (last?.role !== 'user') return messages;
  const content = [last.content, ...parts.filter(Boolean)].join('\n\n');
  return [...head.slice(0, -1), { ...last, content }, ...messages.slice(head.length)];
}

function titleOf({ title, path, startLine }: FindingDraft): string {
  return `${title} (${path}:${startLine})`;
}

function saidByPeople(turn: Turn): string[] {
  const [answer] = turn;
  if (answer?.role !== 'assistant') return [];
  const ids = answer.toolCalls.filter(({ name }) => SAID_BY_PEOPLE.includes(name)).map(({ id }) => id);
  if (ids.length === 0) return [];
  const toolCalls = answer.toolCalls.filter(({ id }) => ids.includes(id));
  const results = turn.filter((message) => message.role === 'tool' && ids.includes(message.toolCallId));
  return [turnText([{ ...answer, content: '', toolCalls }, ...results], MAX_CHARACTERS_KEPT)];
}

/** The newest of the turns that fit, where no model sums them up. */
function withoutSummary(before: string | null, older: Turn[], tokens: number): string {
  const short = older.map(withoutResults);
  const newest = short.slice(-recentTurns(short, tokens));
  const gone = older.length - newest.length;
  const said = newest.map((turn) => cutMiddle(turnText(turn, 200), 2_000));
  const parts = [before && cutMiddle(before, 4_000), NOT_SUMMED_UP, `[${gone} turns are left out here]`, ...said];
  return parts.filter(Boolean).join('\n\n');
}

function sizes(before: number, after: number): string {
  return `About ${before} tokens became ${after}.`;
}
