import type { StepKind } from '@teko/contracts';
import {
  isInfrastructureOutage,
  type Clock,
  type Ids,
  type Lease,
  type Run,
  type Step,
  type StepRepository,
} from '@teko/domain';
import { redactData } from '@teko/platform';
import { RunSuspended } from './run-result';
import type { RecordEvent } from './settings';

const MAX_OUTPUT_CHARACTERS = 64 * 1024;

export interface StepResult {
  status: 'done' | 'failed';
  output?: string;
  data?: Record<string, unknown>;
}

export interface RunJournalOptions {
  run: Run;
  lease: Lease;
  steps: StepRepository;
  record: RecordEvent;
  clock: Clock;
  ids: Ids;
  redact: (text: string) => string;
  /** Returns whether another worker continues the run; the running step is then left for it to finish. */
  isHandedOver: () => boolean;
}

/** Stores the steps of a run. A step that was finished before a crash is not run again. */
export class RunJournal {
  constructor(private readonly options: RunJournalOptions) {}

  /** Runs `work` as the step with this key, or returns the step if it is finished. An error marks the step as failed. */
  async step(
    key: string,
    kind: StepKind,
    title: string,
    input: Record<string, unknown> | null,
    work: () => Promise<StepResult>,
  ): Promise<Step> {
    const step = await this.begin(key, kind, title, input);
    if (step.status !== 'running') return step;
    try {
      return await this.finish(step, await work());
    } catch (error) {
      // The step is run again when the run resumes after a suspension, a handover or an outage.
      if (!(error instanceof RunSuspended) && !isInfrastructureOutage(error) && !this.options.isHandedOver())
        await this.finish(step, { status: 'failed', output: (error as Error).message });
      throw error;
    }
  }

  findStep(key: string): Promise<Step | null> {
    return this.options.steps.findByKey(this.options.run.id, key);
  }

  /** Stores a finished step. */
  note(
    key: string,
    kind: StepKind,
    title: string,
    output: string | null = null,
    status: 'done' | 'failed' = 'done',
  ): Promise<Step> {
    return this.step(key, kind, title, null, async () => ({ status, output: output ?? undefined }));
  }

  /** Stores a failed note without a lease, for a worker that has lost the run. */
  async noteWithoutLease(key: string, title: string, output: string): Promise<void> {
    const step = await this.begin(key, 'note', title, null);
    await this.finish(step, { status: 'failed', output }, null);
  }

  private async begin(
    key: string,
    kind: StepKind,
    title: string,
    input: Record<string, unknown> | null,
  ): Promise<Step> {
    const step = await this.options.steps.begin({
      id: this.options.ids.next(),
      runId: this.options.run.id,
      key,
      kind,
      status: 'running',
      title: this.options.redact(title),
      input: this.redacted(input),
      output: null,
      data: null,
      startedAt: this.options.clock.now(),
      finishedAt: null,
    });
    await this.announce(step);
    return step;
  }

  private async finish(step: Step, result: StepResult, lease: Lease | null = this.options.lease): Promise<Step> {
    const output = result.output === undefined ? null : truncate(this.options.redact(result.output));
    const patch = {
      status: result.status,
      output,
      data: this.redacted(result.data ?? null),
      finishedAt: this.options.clock.now(),
    };
    const finished = await this.options.steps.finish(step.id, patch, lease);
    await this.announce(finished);
    return finished;
  }

  /** Replaces secrets in data that a sandbox or a model has written. */
  redacted<T>(data: T): T {
    return redactData(data, this.options.redact);
  }

  private announce(step: Step): Promise<void> {
    return this.options.record({
      type: 'step',
      subjectId: step.id,
      runId: this.options.run.id,
      taskId: this.options.run.taskId,
      repositoryId: this.options.run.repositoryId,
    });
  }
}

function truncate(text: string): string {
  if (text.length <= MAX_OUTPUT_CHARACTERS) return text;
  const half = MAX_OUTPUT_CHARACTERS / 2;
  return `${text.slice(0, half)}\n[... ${text.length - MAX_OUTPUT_CHARACTERS} characters omitted ...]\n${text.slice(-half)}`;
}
