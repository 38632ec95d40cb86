import type { ChatMessage } from '@teko/domain';
import { aModelCall } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { Recording, messagesSinceReply } from './recording';

const reply = {
  content: '',
  toolCalls: [],
  usage: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
  stopReason: 'stop' as const,
};
const result = (content: string): ChatMessage[] => [
  { role: 'tool', toolCallId: 'a', name: 'run_command', content, isError: false },
];
const recorded = (content: string) =>
  new Recording([aModelCall({ key: 'turn:2:abc', status: 'done', reply, newMessages: result(content) })], 3);

describe('Recording', () => {
  it('covers the turns before the first new one', () => {
    const recording = recorded('x');
    expect([1, 2, 3].map((turn) => recording.covers(turn))).toEqual([true, true, false]);
    expect(recording.at(2)).toMatchObject({ reply });
    expect(recording.at(1)).toBeNull();
  });

  it.each([
    ['1 passed in 0.31s', '1 passed in 1.07s'],
    ['at 2026-11-23T10:00:00Z', 'at 2026-11-24T11:30:09.123Z'],
    ['<object at 0x7f01>', '<object at 0x8aa2>'],
  ])('ignores the difference between %j and %j', (recordedText, now) => {
    expect(recorded(recordedText).compare(2, result(now))).toBeNull();
  });

  it('returns the text from the first different line on', () => {
    const divergence = recorded('one\ntwo\nthree').compare(2, result('one\n2\nthree'));
    expect(divergence).toEqual({ turn: 2, recorded: 'two\nthree', now: '2\nthree' });
  });

  it('compares the messages after the last reply', () => {
    const opening: ChatMessage[] = [{ role: 'user', content: 'Begin.' }];
    expect(messagesSinceReply(opening)).toEqual(opening);
    expect(messagesSinceReply([...opening, { role: 'assistant', content: '', toolCalls: [] }, ...result('x')])).toEqual(
      result('x'),
    );
  });
});
