import { turnOf, type ChatMessage, type ModelCall, type ModelCallUse } from '@teko/domain';

/** Durations, moments and addresses differ in every run and mean nothing. */
const VOLATILE =
  /\bduration_ms:? [\d.]+|\b\d\d:\d\d\.\d+\b|\/tmp\/\S+|\d+(?:[.,]\d+)?\s?(?:ms|µs|s|sec(?:onds?)?|min(?:utes?)?|MB|kB)\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?|\b\d\d:\d\d:\d\d(?:\.\d+)?\b|0x[0-9a-f]+/gi;

export interface Divergence {
  turn: number;
  /** What was said to the model then, and now, from the first difference on. */
  recorded: string;
  now: string;
}

/** The recorded exchanges of another run: they answer its turns again, up to the one that is asked anew. */
export class Recording {
  private readonly byTurn: Map<number, ModelCall>;
  private readonly summaries: Map<number, ModelCall>;

  constructor(
    calls: ModelCall[],
    /** First turn that is not answered from the record. */
    private readonly until: number,
  ) {
    const done = calls.filter(({ status, reply }) => status === 'done' && reply !== null);
    this.byTurn = byTurn(done, 'turn');
    this.summaries = byTurn(done, 'summary');
  }

  covers(turn: number): boolean {
    return turn < this.until;
  }

  /** Whether the record ends before this turn, as the run did. */
  endsBefore(turn: number): boolean {
    return turn > Math.max(0, ...this.byTurn.keys());
  }

  at(turn: number): ModelCall | null {
    return this.byTurn.get(turn) ?? null;
  }

  /** What was before this turn, as it was summed up then; null where it was not. */
  summaryAt(turn: number): ModelCall | null {
    return this.summaries.get(turn) ?? null;
  }

  /** Where what is said now differs from what was said then; null where it does not, or was not kept. */
  compare(turn: number, said: ChatMessage[]): Divergence | null {
    const recorded = this.at(turn)?.newMessages;
    if (!recorded) return null;
    const [then, now] = [plain(recorded), plain(said)];
    if (steady(then) === steady(now)) return null;
    const lines = now.split('\n');
    const first = then.split('\n').findIndex((line, i) => steady(line) !== steady(lines[i] ?? ''));
    const from = (text: string) => text.split('\n').slice(Math.max(0, first)).join('\n').slice(0, 2_000);
    return { turn, recorded: from(then), now: from(now) };
  }
}

/** What was said since the last answer. */
export function saidSince(messages: ChatMessage[]): ChatMessage[] {
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

function plain(messages: ChatMessage[]): string {
  return messages.map((message) => (message.role === 'assistant' ? '' : message.content)).join('\n');
}

function steady(text: string): string {
  return text.replace(VOLATILE, '~');
}
