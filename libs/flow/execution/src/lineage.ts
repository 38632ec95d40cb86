import { usesRecordedReplies, type ResumePoint, type Run, type RunOrigin, type RunRepository } from '@teko/domain';

/** What a run inherits from the runs that it originates from. */
export interface Lineage {
  /** The run that this one continues, forks or replays. */
  source: Run | null;
  /** The earlier work that this run continues. */
  continued: ResumePoint | null;
  /** Instruction of the user, or comments on the change, for the opening message. */
  instruction: string | null;
  /** User messages to add before single turns. */
  instructions: { turn: number; text: string }[];
  /** Whether this run addresses comments on a change in review. */
  isFollowUp: boolean;
  /** For a replay: the run that was recorded first, across replays of replays. */
  originalRun: Run | null;
  /** Later comments are hidden, because the recorded run did not know them. Null if no recorded replies are used. */
  commentsUntil: Date | null;
}

const NOTHING: Lineage = {
  ...{ source: null, continued: null, instruction: null, instructions: [] },
  ...{ isFollowUp: false, originalRun: null, commentsUntil: null },
};

/** A fork or replay inherits everything from its source; a continuation or follow-up builds on the work of its source. */
export async function lineageOf({ origin }: Run, runs: RunRepository): Promise<Lineage> {
  const source = origin ? await runs.findById(origin.runId) : null;
  if (!origin || !source) return NOTHING;
  const inherited = await lineageOf(source, runs);
  if (!usesRecordedReplies(origin)) return continuationOf(source, origin, inherited);
  const commentsUntil = inherited.commentsUntil ?? source.startedAt;
  const shared = { ...inherited, source, commentsUntil };
  if (origin.kind === 'replay') return { ...shared, originalRun: inherited.originalRun ?? source };
  const { instruction: text } = origin;
  const turn = origin.turn ?? 1;
  const earlier = inherited.instructions.filter((instruction) => instruction.turn < turn);
  return { ...shared, originalRun: null, instructions: text ? [...earlier, { turn, text }] : earlier };
}

/** The continuation of a follow-up is a follow-up with the same instruction. */
function continuationOf(source: Run, { kind, basedOn, instruction }: RunOrigin, inherited: Lineage): Lineage {
  const continuesFollowUp = kind === 'continue' && inherited.isFollowUp;
  const instructions = [continuesFollowUp ? inherited.instruction : null, instruction].filter((text) => text !== null);
  return {
    ...NOTHING,
    source,
    continued: basedOn ?? source.resumePoint,
    instruction: instructions.length > 0 ? instructions.join('\n\n') : null,
    isFollowUp: continuesFollowUp || kind === 'follow_up',
  };
}
