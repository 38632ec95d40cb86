import type { CheckpointRepository, ModelRequest, StoredBlob, StoredCheckpoint } from '@teko/domain';
import type { RepositorySet } from '@teko/testing';
import { call, finish, LoopFixture, opening } from './loop.fixture';
import { tokensOf } from './turns';

/** What one step of a run cost. */
export interface StepCost {
  ms: number;
  /** Of the processor, which others on the machine do not lengthen as much. */
  cpuMs: number;
  /** Bytes of the newest checkpoint. */
  checkpointBytes: number;
  /** Bytes and rows that the step wrote for its checkpoints, messages among them. */
  writtenBytes: number;
  writtenRows: number;
  /** Tokens of the question, by our estimate. */
  tokens: number;
}

/** Writes of the last step are added up until they are taken. */
class Meter {
  private written = { bytes: 0, rows: 0 };
  checkpointBytes = 0;

  /** The repository with its writes measured. */
  on(repository: CheckpointRepository): CheckpointRepository {
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
  /** By step, the first one first. */
  steps: StepCost[];
  summaries: number;
}

/** A run of so many steps, each of which reads a file of so many bytes that it has not read before. The model takes no time. */
export async function longRun(
  repos: RepositorySet,
  { steps: count, resultBytes }: { steps: number; resultBytes: number },
): Promise<LongRun> {
  const meter = new Meter();
  const fixture = new LoopFixture({ ...repos, CheckpointRepository: meter.on(repos.CheckpointRepository) });
  for (let n = 1; n <= count; n++) fixture.files.set(`src/file-${n}.ts`, textOf(n, resultBytes));
  const steps: StepCost[] = [];
  let summaries = 0;
  let began = { at: performance.now(), cpu: process.cpuUsage() };
  const answers = (_shown: number, request: ModelRequest) => {
    if (request.tools.length === 0) {
      summaries++;
      return { content: `The agent read ${steps.length} files and found nothing yet. `.repeat(30) };
    }
    const { user, system } = process.cpuUsage(began.cpu);
    const ms = performance.now() - began.at;
    steps.push({ ms, cpuMs: (user + system) / 1_000, tokens: tokensOf(request.messages), ...meter.take() });
    began = { at: performance.now(), cpu: process.cpuUsage() };
    const n = steps.length;
    if (n > count) return finish;
    const read = call('read_file', { path: `src/file-${n}.ts` }, `call-${n}`);
    return { content: `Next I look at file ${n}, because it may hold the cause.`, toolCalls: [read] };
  };
  const limits = { turns: count + 1, tokens: Number.POSITIVE_INFINITY };
  await (await fixture.loop(answers, { limits })).start(opening);
  // The first question has no step before it.
  return { steps: steps.slice(1), summaries };
}

function textOf(n: number, bytes: number): string {
  const line = (i: number) => `export const value${n}_${i} = compute(${n * 31 + i}, 'part ${i} of file ${n}');`;
  const lines = Array.from({ length: Math.ceil(bytes / 60) }, (_, i) => line(i));
  return lines.join('\n').slice(0, bytes);
}
