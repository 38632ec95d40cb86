import type { ChatMessage } from '@teko/domain';

/** Average for code and prose; each provider counts tokens differently. */
const BYTES_PER_TOKEN = 3.5;
/** Results up to this length are never shortened. */
const SHORT_RESULT_CHARACTERS = 300;
/** From the most to the least detailed transcript. */
const MAX_MESSAGE_CHARACTERS = [2_000, 500, 120];

/**
 * A reply of the model with the messages that follow it: the results of its calls and user messages. A turn is never
 * split, because providers refuse a call without its result.
 */
export type Turn = ChatMessage[];

export interface TurnList {
  /** Messages before the first reply. */
  head: ChatMessage[];
  turns: Turn[];
}

export function turnsOf(messages: ChatMessage[]): TurnList {
  const starts = messages.flatMap(({ role }, i) => (role === 'assistant' ? [i] : []));
  return {
    head: messages.slice(0, starts[0] ?? messages.length),
    turns: starts.map((start, i) => messages.slice(start, starts[i + 1])),
  };
}

/** Returns how many of the last turns fit into `tokens`; at least 1. */
export function recentTurns(turns: Turn[], tokens: number): number {
  let sum = 0;
  const lastExcluded = turns.findLastIndex((turn) => (sum += tokensOf(turn)) > tokens);
  return Math.max(1, turns.length - 1 - lastExcluded);
}

const tokenCounts = new WeakMap<ChatMessage, number>();

/** Estimates the tokens of the messages without asking a provider. */
export function tokensOf(messages: ChatMessage[]): number {
  return messages.reduce((sum, message) => {
    const tokens = tokenCounts.get(message) ?? tokensIn(JSON.stringify(message));
    tokenCounts.set(message, tokens);
    return sum + tokens;
  }, 0);
}

export function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** Returns the turn with its long results reduced to the start of their first line. */
export function withoutResults(turn: Turn): Turn {
  return turn.map((message) => {
    if (message.role !== 'tool' || message.content.length <= SHORT_RESULT_CHARACTERS) return message;
    const [first = ''] = message.content.split('\n', 1);
    const notice = `[The rest of this result (${message.content.length} characters in total) was omitted to save room. Call ${message.name} again if you need it.]`;
    return { ...message, content: `${first.slice(0, SHORT_RESULT_CHARACTERS / 2)}\n${notice}` };
  });
}

/** Truncates the results of one turn in the middle if together they exceed `tokens`. */
export function fitResults(results: ChatMessage[], tokens: number): ChatMessage[] {
  if (tokensOf(results) <= tokens) return results;
  const share = tokens / results.length;
  return results.map((result) => {
    const maxCharacters = Math.floor((result.content.length * share) / tokensOf([result]));
    return { ...result, content: truncateMiddle(result.content, maxCharacters) };
  });
}

/** Keeps the start and the end of the text, about `maxCharacters` together. */
export function truncateMiddle(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const half = Math.floor(maxCharacters / 2);
  return `${text.slice(0, half)}\n[... ${text.length - 2 * half} characters omitted ...]\n${text.slice(-half)}`;
}

/** Returns the turns as text of at most about `tokens`, with as much of each message as fits. */
export function transcript(turns: Turn[], tokens: number): string {
  const texts = MAX_MESSAGE_CHARACTERS.map((max) => turns.map((turn) => turnText(turn, max)).join('\n\n'));
  return texts.find((text) => tokensIn(text) <= tokens) ?? truncateMiddle(texts.at(-1)!, tokens);
}

/** Returns the turn as plain text, for a summary or a later run. */
export function turnText(turn: Turn, maxCharacters: number): string {
  return turn
    .flatMap((message) => {
      if (message.role === 'tool')
        return [
          `[${message.name} ${message.isError ? 'failed' : 'returned'}] ${truncateMiddle(message.content, maxCharacters)}`,
        ];
      if (message.role !== 'assistant') return [`[user] ${truncateMiddle(message.content, maxCharacters)}`];
      const calls = message.toolCalls.map(
        ({ name, args, rawArgs }) =>
          `[agent calls ${name}] ${truncateMiddle(args ? JSON.stringify(args) : (rawArgs ?? ''), maxCharacters)}`,
      );
      return message.content ? [`[agent] ${truncateMiddle(message.content, 2 * maxCharacters)}`, ...calls] : calls;
    })
    .join('\n');
}
