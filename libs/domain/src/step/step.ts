import type { StepKind, StepStatus } from '@teko/contracts';

/** One step of a run. Steps are ordered by `seq`, from 1. */
export interface Step {
  id: string;
  runId: string;
  seq: number;
  /** Unique within the run, so that a step repeated after a crash is stored once. */
  key: string;
  kind: StepKind;
  status: StepStatus;
  title: string;
  /** Tool arguments, gate command etc. as JSON, redacted. */
  input: Record<string, unknown> | null;
  /** Result as shown to the model or the user, redacted and truncated. */
  output: string | null;
  /** Structured data such as exit code, bytes, tokens. */
  data: Record<string, unknown> | null;
  startedAt: Date;
  finishedAt: Date | null;
}
