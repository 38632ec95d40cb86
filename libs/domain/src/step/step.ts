import type { StepKind, StepStatus } from '@teko/contracts';

/** What happened in a run, in order of `seq` (from 1). */
export interface Step {
  id: string;
  runId: string;
  seq: number;
  /** Unique inside the run: makes a step that is repeated after a crash the same step. */
  key: string;
  kind: StepKind;
  status: StepStatus;
  title: string;
  /** Tool arguments, gate command and the like: JSON, redacted. */
  input: Record<string, unknown> | null;
  /** What came back: text as it was shown to the model or the user, redacted and bounded. */
  output: string | null;
  /** Facts such as exit code, bytes, tokens. */
  data: Record<string, unknown> | null;
  startedAt: Date;
  finishedAt: Date | null;
}
