import type { CheckpointRepository, ModelRequest, StoredBlob, StoredCheckpoint } from '@teko/domain';
import type { RepositorySet } from '@teko/testing';
import { call, finish, LoopFixture, opening } from './agent-loop.fixture';
import { tokensOf } from './turns';

/** Cost of one step of a run. */
export interface StepCost {
  ms: number;
  /** CPU time, which other processes on the machine affect less. */
  cpuMs: number;
  /** Bytes of the newest checkpoint. */
  checkpointBytes: number;
  /** Bytes and rows that the step wrote for its checkpoints, including messages. */
  writtenBytes: number;
  writtenRows: number;
  /** Estimated tokens of the request. */
  tokens: number;
}

/** Measures the checkpoint writes of a step. */
class WriteMeter {
  private written = { bytes: 0, rows: 0 };
  checkpointBytes = 0;

  /** Wraps the repository to measure its writes. */
  wrap(repository: CheckpointRepository): CheckpointRepository {
    const measured = Object.create(repository) as CheckpointRepository;
    measured.put = (checkpoint: StoredCheckpoint, blobs: StoredBlob[], keep: number) => {
      this.checkpointBytes = checkpoint.checkpoint.length + checkpoint.metadata.length;
      this.add([checkpoint, ...blobs]);
      return repository.put(checkpoint, blobs, keep);
    };
    measured.putWrites = (writes) => {
      this.add(writes);
      return repository.putWrites(writes);
    };
    return measured;
  }

  /** Returns the writes since the last call and resets them. */
  take() {
    const { bytes: writtenBytes, rows: writtenRows } = this.written;
    this.written = { bytes: 0, rows: 0 };
    return { writtenBytes, writtenRows, checkpointBytes: this.checkpointBytes };
  }

  private add(rows: object[]): void {
    this.written.rows += rows.length;
    this.written.bytes += rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0);
  }
}

export interface LongRun {
  /** In order. */
  steps: StepCost[];
  summaries: number;
}

/** Simulates a run in which each of `steps` reads another file of `resultBytes`. The model replies at once. */
export async function longRun(
  repos: RepositorySet,
  { steps: count, resultBytes }: { steps: number; resultBytes: number },
): Promise<LongRun> {
  const meter = new WriteMeter();
  const fixture = new LoopFixture({ ...repos, CheckpointRepository: meter.wrap(repos.CheckpointRepository) });
  for (let n = 1; n <= count; n++) fixture.files.set(`src/file-${n}.ts`, textOf(n, resultBytes));
  const steps: StepCost[] = [];
  let summaries = 0;
  let startedAt = { at: performance.now(), cpu: process.cpuUsage() };
  const answers = (_shown: number, request: ModelRequest) => {
    if (request.tools.length === 0) {
      summaries++;
      return { content: `The agent read ${steps.length} files and found nothing yet. `.repeat(30) };
    }
    const { user, system } = process.cpuUsage(startedAt.cpu);
    const ms = performance.now() - startedAt.at;
    steps.push({ ms, cpuMs: (user + system) / 1_000, tokens: tokensOf(request.messages), ...meter.take() });
    startedAt = { at: performance.now(), cpu: process.cpuUsage() };
    const n = steps.length;
    if (n > count) return finish;
    const read = call('read_file', { path: `src/file-${n}.ts` }, `call-${n}`);
    return { content: `Next I read file ${n}, because it may contain the cause.`, toolCalls: [read] };
  };
  const limits = { turns: count + 1, tokens: Number.POSITIVE_INFINITY };
  await (await fixture.loop(answers, { limits })).start(opening);
  // No step precedes the first request.
  return { steps: steps.slice(1), summaries };
}

function textOf(n: number, bytes: number): string {
  const line = (i: number) => `export const value${n}_${i} = compute(${n * 31 + i}, 'part ${i} of file ${n}');`;
  const lines = Array.from({ length: Math.ceil(bytes / 60) }, (_, i) => line(i));
  return lines.join('\n').slice(0, bytes);
}
