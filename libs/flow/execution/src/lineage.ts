import type { ResumeNote, Run, RunRepository } from '@teko/domain';

/** What a run has from the runs that it comes from. */
export interface Lineage {
  /** The run that it goes on from, asks differently or plays again. */
  source: Run | null;
  /** The work that it goes on with. */
  continued: ResumeNote | null;
  /** What the agent is told to that. */
  told: string | null;
  /** What the agent is told at single turns. */
  instructions: { turn: number; text: string }[];
}

/** A fork and a replay stand where their source stood; a replay is told all that its source was. */
export async function lineageOf({ origin }: Run, runs: RunRepository): Promise<Lineage> {
  const source = origin ? await runs.findById(origin.runId) : null;
  if (!origin || !source) return { source: null, continued: null, told: null, instructions: [] };
  if (origin.kind === 'continue' || origin.kind === 'follow_up') {
    const continued = origin.standsOn ?? source.resumeNote;
    return { source, continued, told: origin.instruction, instructions: [] };
  }
  const inherited = { ...(await lineageOf(source, runs)), source };
  if (origin.kind === 'replay') return inherited;
  const { instruction: text } = origin;
  const turn = origin.turn ?? 1;
  const earlier = inherited.instructions.filter((instruction) => instruction.turn < turn);
  return { ...inherited, instructions: text ? [...earlier, { turn, text }] : earlier };
}
