import { writeFileSync } from 'node:fs';
import { fuzzLoop } from './fuzz-loop';
import { FuzzFailure } from './target';
import { TARGETS } from './targets';

export interface WorkerTask {
  target: string;
  seed: number;
  firstIteration: number;
  durationMs: number;
  /** The current input is stored here, so that it is known after a crash or a hang. */
  inputFile: string;
  /** An input to check instead of generated ones. */
  replay?: Buffer;
}

/** What a worker tells the process that watches it. */
export type WorkerMessage =
  { iteration: number; heap: number } | { done: number } | { failure: string; iteration?: number };

const HEARTBEAT_MS = 500;

/** Checks inputs of one target in this process. `send` tells the watching process that it lives. */
export async function work(task: WorkerTask, send: (message: WorkerMessage) => void): Promise<void> {
  const target = TARGETS.find(({ name }) => name === task.target);
  if (!target) throw new Error(`There is no target ${task.target}: ${TARGETS.map(({ name }) => name).join(', ')}`);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => {
      send({ failure: `${event}: ${(error as Error)?.stack ?? String(error)}` });
      process.exit(1);
    });
  const release = await target.open?.();
  let last = 0;
  try {
    if (task.replay) await target.check(task.replay);
    else
      await fuzzLoop(target, {
        ...task,
        onInput(input, iteration) {
          writeFileSync(task.inputFile, input);
          if (Date.now() - last < HEARTBEAT_MS) return;
          last = Date.now();
          send({ iteration, heap: process.memoryUsage().heapUsed });
        },
      }).then((done) => send({ done }));
  } catch (error) {
    const iteration = error instanceof FuzzFailure ? error.iteration : undefined;
    send({
      failure: error instanceof FuzzFailure ? error.message : ((error as Error).stack ?? String(error)),
      iteration,
    });
  } finally {
    await release?.();
  }
}
