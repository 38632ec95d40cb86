import type { StepKind } from '@teko/contracts';
import type { Clock, Ids, Run, Step, StepRepository } from '@teko/domain';
import { WaitForPeople } from './ending';
import type { RecordEvent } from './settings';

const MAX_OUTPUT = 64 * 1024;

export interface StepResult {
  status: 'done' | 'failed';
  output?: string;
  data?: Record<string, unknown>;
}

/** Writes what happens in a run, step by step. A step that was finished before a crash is not done again. */
export class Journal {
  constructor(
    private readonly run: Run,
    private readonly steps: StepRepository,
    private readonly record: RecordEvent,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly redact: (text: string) => string,
  ) {}

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
      // What waits for people is asked again when the run goes on.
      if (!(error instanceof WaitForPeople))
        await this.finish(step, { status: 'failed', output: (error as Error).message });
      throw error;
    }
  }

  find(key: string): Promise<Step | null> {
    return this.steps.findByKey(this.run.id, key);
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

  private async begin(
    key: string,
    kind: StepKind,
    title: string,
    input: Record<string, unknown> | null,
  ): Promise<Step> {
    const step = await this.steps.begin({
      id: this.ids.next(),
      runId: this.run.id,
      key,
      kind,
      status: 'running',
      title: this.redact(title),
      input: this.redacted(input),
      output: null,
      data: null,
      startedAt: this.clock.now(),
      finishedAt: null,
    });
    await this.announce(step);
    return step;
  }

  private async finish(step: Step, result: StepResult): Promise<Step> {
    const output = result.output === undefined ? null : bounded(this.redact(result.output));
    const finished = await this.steps.finish(step.id, {
      status: result.status,
      output,
      data: this.redacted(result.data ?? null),
      finishedAt: this.clock.now(),
    });
    await this.announce(finished);
    return finished;
  }

  private redacted(data: Record<string, unknown> | null): Record<string, unknown> | null {
    return data && (JSON.parse(this.redact(JSON.stringify(data))) as Record<string, unknown>);
  }

  private announce(step: Step): Promise<void> {
    return this.record({
      type: 'step',
      subjectId: step.id,
      runId: this.run.id,
      taskId: this.run.taskId,
      repositoryId: this.run.repositoryId,
    });
  }
}

function bounded(text: string): string {
  if (text.length <= MAX_OUTPUT) return text;
  const half = MAX_OUTPUT / 2;
  return `${text.slice(0, half)}\n[... ${text.length - MAX_OUTPUT} characters left out ...]\n${text.slice(-half)}`;
}
