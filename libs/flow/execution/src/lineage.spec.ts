import type { Run, RunOrigin, RunRepository } from '@teko/domain';
import { aRun } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { lineageOf } from './lineage';

const startTime = (minute: number) => new Date(`2026-05-04T10:0${minute}:00Z`);
const all: Run[] = [];
const runs = { findById: async (id: string) => all.find((run) => run.id === id) ?? null } as unknown as RunRepository;

/** Stores a run that originates from `source`. */
function after(source: Run, kind: RunOrigin['kind'], more: Partial<RunOrigin> = {}): Run {
  const origin = { kind, runId: source.id, turn: null, instruction: null, ...more };
  return stored({ origin, startedAt: startTime(all.length) });
}

function stored(overrides: Partial<Run>): Run {
  const run = aRun(overrides);
  all.push(run);
  return run;
}

const first = stored({ startedAt: startTime(0) });
const followUp = after(first, 'follow_up', { instruction: 'Say it shorter.' });

describe('lineageOf', () => {
  it.each([
    ['a replay', after(followUp, 'replay')],
    ['a replay of a replay', after(after(followUp, 'replay'), 'replay')],
    ['a fork of a fork', after(after(followUp, 'fork', { turn: 2 }), 'fork', { turn: 1 })],
    ['a fork of a replay', after(after(followUp, 'replay'), 'fork', { turn: 2 })],
  ])('gives %s of a follow-up its instruction, and no later comments', async (_, run) => {
    const lineage = await lineageOf(run, runs);
    expect(lineage).toMatchObject({
      isFollowUp: true,
      instruction: 'Say it shorter.',
      commentsUntil: followUp.startedAt,
    });
    expect(lineage.source?.id).toBe(run.origin!.runId);
  });

  it('finds the original run of a replay of a replay', async () => {
    const fork = after(followUp, 'fork', { turn: 2 });
    const replay = after(fork, 'replay');
    expect((await lineageOf(after(replay, 'replay'), runs)).originalRun?.id).toBe(fork.id);
    expect((await lineageOf(fork, runs)).originalRun).toBeNull();
  });

  it('gives a continuation of a follow-up both instructions, and all comments', async () => {
    const continuation = after(followUp, 'continue', { instruction: 'Be quick.' });
    const expected = { isFollowUp: true, instruction: 'Say it shorter.\n\nBe quick.', commentsUntil: null };
    expect(await lineageOf(continuation, runs)).toMatchObject(expected);
    const plain = after(first, 'continue');
    expect(await lineageOf(plain, runs)).toMatchObject({ isFollowUp: false, instruction: null, commentsUntil: null });
  });
});
