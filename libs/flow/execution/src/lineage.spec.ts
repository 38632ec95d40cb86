import type { Run, RunOrigin, RunRepository } from '@teko/domain';
import { aRun } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { lineageOf } from './lineage';

const began = (minute: number) => new Date(`2026-05-04T10:0${minute}:00Z`);
const all: Run[] = [];
const runs = { findById: async (id: string) => all.find((run) => run.id === id) ?? null } as unknown as RunRepository;

/** A run that comes from the one before it. */
function after(source: Run, kind: RunOrigin['kind'], more: Partial<RunOrigin> = {}): Run {
  const origin = { kind, runId: source.id, turn: null, instruction: null, ...more };
  return stored({ origin, startedAt: began(all.length) });
}

function stored(overrides: Partial<Run>): Run {
  const run = aRun(overrides);
  all.push(run);
  return run;
}

const first = stored({ startedAt: began(0) });
const followUp = after(first, 'follow_up', { instruction: 'Say it shorter.' });

describe('lineageOf', () => {
  it.each([
    ['a replay', after(followUp, 'replay')],
    ['a replay of a replay', after(after(followUp, 'replay'), 'replay')],
    ['a fork of a fork', after(after(followUp, 'fork', { turn: 2 }), 'fork', { turn: 1 })],
    ['a fork of a replay', after(after(followUp, 'replay'), 'fork', { turn: 2 })],
  ])('of %s of a follow-up is told what that was, and hears nobody who spoke later', async (_, run) => {
    const lineage = await lineageOf(run, runs);
    expect(lineage).toMatchObject({ isFollowUp: true, told: 'Say it shorter.', heardUntil: followUp.startedAt });
    expect(lineage.source?.id).toBe(run.origin!.runId);
  });

  it('finds the approvals of the run that is played, however often that was', async () => {
    const fork = after(followUp, 'fork', { turn: 2 });
    const replay = after(fork, 'replay');
    expect((await lineageOf(after(replay, 'replay'), runs)).played?.id).toBe(fork.id);
    expect((await lineageOf(fork, runs)).played).toBeNull();
  });

  it('of what goes on with a follow-up has its questions, and hears all that is said', async () => {
    const goesOn = after(followUp, 'continue', { instruction: 'Be quick.' });
    const told = { isFollowUp: true, told: 'Say it shorter.\n\nBe quick.', heardUntil: null };
    expect(await lineageOf(goesOn, runs)).toMatchObject(told);
    const plain = after(first, 'continue');
    expect(await lineageOf(plain, runs)).toMatchObject({ isFollowUp: false, told: null, heardUntil: null });
  });
});
