import { usesRecord, type ResumePoint, type Run, type RunOrigin, type RunRepository } from '@teko/domain';

/** What a run has from the runs that it comes from. */
export interface Lineage {
  /** The run that it goes on from, asks differently or plays again. */
  source: Run | null;
  /** The work that it goes on with. */
  continued: ResumePoint | null;
  /** What the agent is told to that. */
  told: string | null;
  /** What the agent is told at single turns. */
  instructions: { turn: number; text: string }[];
  /** Whether it works in what was said to a change. */
  isFollowUp: boolean;
  /** The run that a replay plays, however often that was played since. */
  played: Run | null;
  /** What people said later, nobody told the run whose answers are taken; null where none are. */
  heardUntil: Date | null;
}

const NOTHING: Lineage = {
  ...{ source: null, continued: null, told: null, instructions: [] },
  ...{ isFollowUp: false, played: null, heardUntil: null },
};

/** A fork and a replay stand where their source stood; a replay is told all that its source was. */
export async function lineageOf({ origin }: Run, runs: RunRepository): Promise<Lineage> {
  const source = origin ? await runs.findById(origin.runId) : null;
  if (!origin || !source) return NOTHING;
  const inherited = await lineageOf(source, runs);
  if (!usesRecord(origin)) return onTopOf(source, origin, inherited);
  const heardUntil = inherited.heardUntil ?? source.startedAt;
  const taken = { ...inherited, source, heardUntil };
  if (origin.kind === 'replay') return { ...taken, played: inherited.played ?? source };
  const { instruction: text } = origin;
  const turn = origin.turn ?? 1;
  const earlier = inherited.instructions.filter((instruction) => instruction.turn < turn);
  return { ...taken, played: null, instructions: text ? [...earlier, { turn, text }] : earlier };
}

/** What goes on with a follow-up is one too, and is told the same as it. */
function onTopOf(source: Run, { kind, basedOn, instruction }: RunOrigin, inherited: Lineage): Lineage {
  const goesOn = kind === 'continue' && inherited.isFollowUp;
  const told = [goesOn ? inherited.told : null, instruction].filter((text) => text !== null);
  return {
    ...NOTHING,
    source,
    continued: basedOn ?? source.resumePoint,
    told: told.length > 0 ? told.join('\n\n') : null,
    isFollowUp: goesOn || kind === 'follow_up',
  };
}
