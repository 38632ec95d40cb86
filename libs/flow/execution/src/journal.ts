import type { StepKind } from '@teko/contracts';
import { isOwnOutage, type Clock, type Ids, type Lease, type Run, type Step, type StepRepository } from '@teko/domain';
import { RunSuspended } from './run-result';
import type { RecordEvent } from './settings';

const MAX_OUTPUT = 64 * 1024;

export interface StepResult {
  status: 'done' | 'failed';
  output?: string;
  data?: Record<string, unknown>;
}

export interface JournalParts {
  run: Run;
  lease: Lease;
  steps: StepRepository;
  record: RecordEvent;
  clock: Clock;
  ids: Ids;
  redact: (text: string) => string;
  /** Whether another worker goes on with the run: what was begun is its to end. */
  passedOn: () => boolean;
}

/** Writes what happens in a run, step by step. A step that was finished before a crash is not done again. */
export class Journal {
  constructor(private readonly parts: JournalParts) {}

  /** Does `work` as the step of this key, or answers the step that was finished already. A throw marks the step as failed. */
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
      // What waits for people, was handed over or lost its footing is done again when the run goes on.
      if (!(error instanceof RunSuspended) && !isOwnOutage(error) && !this.parts.passedOn())
        await this.finish(step, { status: 'failed', output: (error as Error).message });
      throw error;
    }
  }

  find(key: string): Promise<Step | null> {
    return this.parts.steps.findByKey(this.parts.run.id, key);
  }

  /** A step that is over as soon as it is written. */
  note(
    key: string,
    kind: StepKind,
    title: string,
    output: string | null = null,
    status: 'done' | 'failed' = 'done',
  ): Promise<Step> {
    return this.step(key, kind, title, null, async () => ({ status, output: output ?? undefined }));
  }

  /** What a worker has to say of a run that is not its own any more. */
  async late(key: string, title: string, output: string): Promise<void> {
    const step = await this.begin(key, 'note', title, null);
    await this.finish(step, { status: 'failed', output }, null);
  }

  private async begin(
    key: string,
    kind: StepKind,
    title: string,
    input: Record<string, unknown> | null,
  ): Promise<Step> {
    const step = await this.parts.steps.begin({
      id: this.parts.ids.next(),
      runId: this.parts.run.id,
      key,
      kind,
      status: 'running',
      title: this.parts.redact(title),
      input: this.redacted(input),
      output: null,
      data: null,
      startedAt: this.parts.clock.now(),
      finishedAt: null,
    });
    await this.announce(step);
    return step;
  }

  private async finish(step: Step, result: StepResult, lease: Lease | null = this.parts.lease): Promise<Step> {
    const output = result.output === undefined ? null : bounded(this.parts.redact(result.output));
    const patch = {
      status: result.status,
      output,
      data: this.redacted(result.data ?? null),
      finishedAt: this.parts.clock.now(),
    };
    const finished = await this.parts.steps.finish(step.id, patch, lease);
    await this.announce(finished);
    return finished;
  }

  private redacted(data: Record<string, unknown> | null): Record<string, unknown> | null {
    return data && (JSON.parse(this.parts.redact(JSON.stringify(data))) as Record<string, unknown>);
  }

  private announce(step: Step): Promise<void> {
    return this.parts.record({
      type: 'step',
      subjectId: step.id,
      runId: this.parts.run.id,
      taskId: this.parts.run.taskId,
      repositoryId: this.parts.run.repositoryId,
    });
  }
}

function bounded(text: string): string {
  if (text.length <= MAX_OUTPUT) return text;
  const half = MAX_OUTPUT / 2;
  return `${text.slice(0, half)}\n[... ${text.length - MAX_OUTPUT} characters left out ...]\n${text.slice(-half)}`;
}
