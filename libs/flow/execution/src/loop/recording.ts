import { turnOf, type ChatMessage, type ModelCall, type ModelCallUse } from '@teko/domain';

/** Durations, timestamps and addresses, which differ in every run and are ignored. */
const VOLATILE =
  /\bduration_ms:? [\d.]+|\b\d\d:\d\d\.\d+\b|\/tmp\/\S+|\d+(?:[.,]\d+)?\s?(?:ms|µs|s|sec(?:onds?)?|min(?:utes?)?|MB|kB)\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?|\b\d\d:\d\d:\d\d(?:\.\d+)?\b|0x[0-9a-f]+/gi;

export interface Divergence {
  turn: number;
  /** Recorded and current messages to the model, from the first difference on. */
  recorded: string;
  now: string;
}

/** The recorded model calls of another run. Their replies are used again for the turns before `until`. */
export class Recording {
  private readonly byTurn: Map<number, ModelCall>;
  private readonly summaries: Map<number, ModelCall>;

  constructor(
    calls: ModelCall[],
    /** First turn that is not replayed. */
    private readonly until: number,
  ) {
    const done = calls.filter(({ status, reply }) => status === 'done' && reply !== null);
    this.byTurn = byTurn(done, 'turn');
    this.summaries = byTurn(done, 'summary');
  }

  covers(turn: number): boolean {
    return turn < this.until;
  }

  /** Whether the recorded run ended before this turn. */
  endsBefore(turn: number): boolean {
    return turn > Math.max(0, ...this.byTurn.keys());
  }

  at(turn: number): ModelCall | null {
    return this.byTurn.get(turn) ?? null;
  }

  /** Returns the recorded summary of the turns before this one, or null if there is none. */
  summaryAt(turn: number): ModelCall | null {
    return this.summaries.get(turn) ?? null;
  }

  /** Returns how the messages differ from the recorded ones, or null if they do not or none were stored. */
  compare(turn: number, messages: ChatMessage[]): Divergence | null {
    const recorded = this.at(turn)?.newMessages;
    if (!recorded) return null;
    const [before, now] = [textOf(recorded), textOf(messages)];
    if (withoutVolatile(before) === withoutVolatile(now)) return null;
    const lines = now.split('\n');
    const first = before.split('\n').findIndex((line, i) => withoutVolatile(line) !== withoutVolatile(lines[i] ?? ''));
    const from = (text: string) => text.split('\n').slice(Math.max(0, first)).join('\n').slice(0, 2_000);
    return { turn, recorded: from(before), now: from(now) };
  }
}

/** Returns the messages after the last reply of the model. */
export function messagesSinceReply(messages: ChatMessage[]): ChatMessage[] {
  return messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
}

function byTurn(calls: ModelCall[], use: ModelCallUse): Map<number, ModelCall> {
  return new Map(
    calls.flatMap((call): [number, ModelCall][] => {
      const turn = turnOf(call, use);
      return turn === null ? [] : [[turn, call]];
    }),
  );
}

function textOf(messages: ChatMessage[]): string {
  return messages.map((message) => (message.role === 'assistant' ? '' : message.content)).join('\n');
}

function withoutVolatile(text: string): string {
  return text.replace(VOLATILE, '~');
}
