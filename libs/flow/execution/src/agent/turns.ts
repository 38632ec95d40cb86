import type { ChatMessage } from '@teko/domain';

/** Bytes of a token, in code and in prose; providers count each in their own way. */
const TOKEN_BYTES = 3.5;
/** What is as short stays. */
const SHORT_RESULT = 300;
const MAX_CHARACTERS_EACH = [2_000, 500, 120];

/** An answer of the model with what followed it: results of its calls, and what it was told. Never taken apart, as providers refuse a call without its result. */
export type Turn = ChatMessage[];

export interface TurnList {
  /** What was said before the first answer. */
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

/** How many of the last turns hold no more than so many tokens together; one at least. */
export function recentTurns(turns: Turn[], tokens: number): number {
  let sum = 0;
  const passed = turns.findLastIndex((turn) => (sum += tokensOf(turn)) > tokens);
  return Math.max(1, turns.length - 1 - passed);
}

const counted = new WeakMap<ChatMessage, number>();

/** An estimate: no provider is asked. */
export function tokensOf(messages: ChatMessage[]): number {
  return messages.reduce((sum, message) => {
    const tokens = counted.get(message) ?? tokensIn(JSON.stringify(message));
    counted.set(message, tokens);
    return sum + tokens;
  }, 0);
}

export function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / TOKEN_BYTES);
}

/** The turn with its results cut down to how they began. */
export function withoutResults(turn: Turn): Turn {
  return turn.map((message) => {
    if (message.role !== 'tool' || message.content.length <= SHORT_RESULT) return message;
    const [first = ''] = message.content.split('\n', 1);
    const left = `[The rest of this result, ${message.content.length} characters in all, was left out to save room. Call ${message.name} again where it is needed.]`;
    return { ...message, content: `${first.slice(0, SHORT_RESULT / 2)}\n${left}` };
  });
}

/** Results of one turn that hold more than so many tokens together, cut in their middle. */
export function fitResults(results: ChatMessage[], tokens: number): ChatMessage[] {
  if (tokensOf(results) <= tokens) return results;
  const share = tokens / results.length;
  return results.map((result) => {
    const most = Math.floor((result.content.length * share) / tokensOf([result]));
    return { ...result, content: cutMiddle(result.content, most) };
  });
}

/** Keeps begin and end. */
export function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  return `${text.slice(0, half)}\n[... ${text.length - 2 * half} characters left out ...]\n${text.slice(-half)}`;
}

/** Turns as text that holds no more than so many tokens: as much of each message as fits. */
export function transcript(turns: Turn[], tokens: number): string {
  const texts = MAX_CHARACTERS_EACH.map((most) => turns.map((turn) => turnText(turn, most)).join('\n\n'));
  return texts.find((text) => tokensIn(text) <= tokens) ?? cutMiddle(texts.at(-1)!, tokens);
}

/** A turn as text to read: for a summary, or for a later run. */
export function turnText(turn: Turn, mostOfEach: number): string {
  return turn
    .flatMap((message) => {
      if (message.role === 'tool')
        return [`[${message.name} ${message.isError ? 'fails' : 'answers'}] ${cutMiddle(message.content, mostOfEach)}`];
      if (message.role !== 'assistant') return [`[told] ${cutMiddle(message.content, mostOfEach)}`];
      const calls = message.toolCalls.map(
        ({ name, args, rawArgs }) =>
          `[agent calls ${name}] ${cutMiddle(args ? JSON.stringify(args) : (rawArgs ?? ''), mostOfEach)}`,
      );
      return message.content ? [`[agent says] ${cutMiddle(message.content, 2 * mostOfEach)}`, ...calls] : calls;
    })
    .join('\n');
}
