import { ModelError, type ChatMessage } from '@teko/domain';
import { dataBlock } from '../agents/prompt';
import type { RunJournal } from '../run-journal';
import type { FindingDraft, ReplyDraft } from '../tools';
import type { ModelLedger } from './model-ledger';
import { NOT_SUMMARIZED, summarizeConversation } from './summary';
import {
  truncateMiddle,
  recentTurns,
  tokensOf,
  transcript,
  turnsOf,
  turnText,
  withoutResults,
  type Turn,
} from './turns';

/** Older turns are summarized if there are more than this, however short they are. */
const MAX_OLDER_TURNS = 60;
const MAX_HUMAN_ANSWERS = 10;
const MAX_ANSWER_CHARACTERS = 4_000;
/** Results of these tools are answers of humans, which are kept verbatim. */
const HUMAN_INPUT_TOOLS = ['propose_plan', 'ask_requester'];

/** Replaces the turns that were removed from the conversation. Stored in checkpoints. */
export interface Memo {
  summary: string | null;
  /** Answers of humans, verbatim. */
  kept: string[];
}

/** State of a conversation between two model calls. */
export interface Conversation {
  messages: ChatMessage[];
  memo: Memo;
  findings: FindingDraft[];
  replies: ReplyDraft[];
}

/** A conversation that fits into the limit, and the tokens that were spent on summaries for it. */
export interface FittedConversation {
  conversation: Conversation;
  tokens: number;
}

export interface ContextWindowOptions {
  model: string;
  /** Maximum of estimated tokens to send; less than the context window of the model. */
  limit: number;
  ledger: ModelLedger;
  journal: Pick<RunJournal, 'note'>;
  signal: AbortSignal;
}

/**
 * Keeps requests to the model within a token limit. Above the limit, results of old turns are omitted. If the conversation
 * is then still longer than half of the limit, the old turns are summarized. Both happen rarely, so the provider's prompt
 * cache stays valid in between.
 */
export class ContextWindow {
  constructor(private readonly options: ContextWindowOptions) {}

  /** Returns the conversation unchanged if it fits into `limit`, else a shortened one. */
  async fit(turn: number, conversation: Conversation, limit = this.options.limit): Promise<FittedConversation> {
    const { ledger } = this.options;
    // A run that uses recorded replies summarizes at the recorded turns, however long its own results are.
    const wasSummarized = ledger.wasSummarized(turn);
    const tokensBefore = tokensOf(requestMessages(conversation));
    const { head, turns } = turnsOf(conversation.messages);
    const recent = recentTurns(turns, limit / 4);
    const older = turns.slice(0, -recent);
    const isShort = tokensBefore <= limit || tokensOf(older.flat()) < limit / 8;
    if (older.length === 0 || (isShort && !wasSummarized)) return { conversation, tokens: 0 };
    const remaining = [...head, ...turns.slice(-recent).flat()];
    const shortOlder = older.map(withoutResults);
    const shortened = { ...conversation, messages: [...head, ...shortOlder.flat(), ...turns.slice(-recent).flat()] };
    const tokensAfter = tokensOf(requestMessages(shortened));
    if (!(wasSummarized ?? (tokensAfter > limit / 2 || older.length > MAX_OLDER_TURNS))) {
      if (tokensAfter >= tokensBefore) return { conversation, tokens: 0 };
      await this.note(turn, 'Old results were omitted from the conversation', sizes(tokensBefore, tokensAfter));
      return { conversation: shortened, tokens: 0 };
    }
    return this.summarize(turn, { ...conversation, messages: remaining }, older, { tokensBefore, limit });
  }

  private async summarize(
    turn: number,
    remaining: Conversation,
    older: Turn[],
    { tokensBefore, limit }: { tokensBefore: number; limit: number },
  ): Promise<FittedConversation> {
    const { ledger, model, signal } = this.options;
    const kept = [...remaining.memo.kept, ...older.flatMap(humanAnswers)].slice(-MAX_HUMAN_ANSWERS);
    const complete = (request: Parameters<ModelLedger['summarize']>[1]) => ledger.summarize(turn, request, signal);
    try {
      const summary = await summarizeConversation({
        previous: remaining.memo.summary,
        text: transcript(older, limit / 2),
        model,
        complete,
      });
      const conversation = { ...remaining, memo: { summary: summary.text, kept } };
      const size = sizes(tokensBefore, tokensOf(requestMessages(conversation)));
      await this.note(turn, 'Earlier turns were summarized', `${size}\n\n${summary.text}`);
      return { conversation, tokens: summary.tokens };
    } catch (error) {
      if (!(error instanceof ModelError) || error.retriable) throw error;
      const conversation = {
        ...remaining,
        memo: { summary: truncatedTurns(remaining.memo.summary, older, limit / 8), kept },
      };
      await this.note(turn, 'Earlier turns could not be summarized and were truncated', error.message, 'failed');
      return { conversation, tokens: 0 };
    }
  }

  private async note(turn: number, title: string, text: string, status: 'done' | 'failed' = 'done'): Promise<void> {
    await this.options.journal.note(`context:${turn}`, 'note', title, text, status);
  }
}

/** Returns the messages to send to the model. The summary of removed turns is appended to the opening message. */
export function requestMessages({ messages, memo, findings, replies }: Conversation): ChatMessage[] {
  if (memo.summary === null) return messages;
  const { head } = turnsOf(messages);
  const sections = [
    'The turns that followed this message are no longer shown. This is a summary of them; the conversation continues after it.',
    dataBlock('summary of earlier turns', memo.summary),
    memo.kept.length > 0 && dataBlock('answers from people, verbatim', memo.kept.join('\n\n')),
    findings.length > 0 && dataBlock('already reported with report_finding', findings.map(titleOf).join('\n')),
    replies.length > 0 &&
      `Already answered with reply_to_thread: ${replies.map(({ threadId }) => threadId).join(', ')}.`,
  ];
  const last = head.at(-1);
  if (last?.role !== 'user') return messages;
  const content = [last.content, ...sections.filter(Boolean)].join('\n\n');
  return [...head.slice(0, -1), { ...last, content }, ...messages.slice(head.length)];
}

function titleOf({ title, path, startLine }: FindingDraft): string {
  return `${title} (${path}:${startLine})`;
}

function humanAnswers(turn: Turn): string[] {
  const [reply] = turn;
  if (reply?.role !== 'assistant') return [];
  const ids = reply.toolCalls.filter(({ name }) => HUMAN_INPUT_TOOLS.includes(name)).map(({ id }) => id);
  if (ids.length === 0) return [];
  const toolCalls = reply.toolCalls.filter(({ id }) => ids.includes(id));
  const results = turn.filter((message) => message.role === 'tool' && ids.includes(message.toolCallId));
  return [turnText([{ ...reply, content: '', toolCalls }, ...results], MAX_ANSWER_CHARACTERS)];
}

/** Replaces a summary if the model does not write one: the newest turns that fit. */
function truncatedTurns(previous: string | null, older: Turn[], tokens: number): string {
  const short = older.map(withoutResults);
  const newest = short.slice(-recentTurns(short, tokens));
  const omitted = older.length - newest.length;
  const texts = newest.map((turn) => truncateMiddle(turnText(turn, 200), 2_000));
  const sections = [
    previous && truncateMiddle(previous, 4_000),
    NOT_SUMMARIZED,
    `[${omitted} turns omitted here]`,
    ...texts,
  ];
  return sections.filter(Boolean).join('\n\n');
}

function sizes(before: number, after: number): string {
  return `Reduced from about ${before} to ${after} tokens.`;
}
