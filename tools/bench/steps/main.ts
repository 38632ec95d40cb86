import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../libs/adapters/persistence/src/index';
import { longRun, type StepCost } from '../../../libs/flow/execution/src/loop/long-run.fixture';

const WINDOW = 50;
const TABLES = ['checkpoints', 'checkpoint_blobs', 'checkpoint_writes', 'model_calls', 'steps'];

/** Measures time and writes per step of a long run on SQLite. `npm run bench -- steps 300 4000` sets the steps and bytes per result. */
export async function main([steps = '300', bytes = '4000']: string[]): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'teko-bench-steps-'));
  const database = await openDatabase({ url: undefined, home });
  try {
    await database.migrate();
    const run = await longRun(database.repositories, { steps: Number(steps), resultBytes: Number(bytes) });
    write(`${steps} steps, each with a result of ${bytes} bytes, on SQLite. The model responds at once.\n`);
    write(
      '| steps | ms/step | p95 | CPU ms | checkpoint bytes | bytes written/step | rows written/step | max. tokens |',
    );
    write('| --- | --- | --- | --- | --- | --- | --- | --- |');
    for (let from = 0; from < run.steps.length; from += WINDOW) write(row(run.steps.slice(from, from + WINDOW), from));
    write(`\nSummaries: ${run.summaries}.`);
    for (const table of TABLES) write(`Rows in ${table}: ${await rowsIn(table)}.`);
    await database.dataSource.query('PRAGMA wal_checkpoint(TRUNCATE)');
    write(`Database: ${(statSync(join(home, 'teko.db')).size / 1e6).toFixed(1)} MB.`);
  } finally {
    await database.close();
    rmSync(home, { recursive: true, force: true });
  }

  async function rowsIn(table: string): Promise<number> {
    const [{ count }] = await database.dataSource.query<[{ count: number }]>(`SELECT COUNT(*) AS count FROM ${table}`);
    return count;
  }
}

function row(steps: StepCost[], from: number): string {
  const mean = (what: keyof StepCost) => steps.reduce((sum, step) => sum + step[what], 0) / steps.length;
  const times = steps.map(({ ms }) => ms).sort((a, b) => a - b);
  const cells = [
    `${from + 1}-${from + steps.length}`,
    mean('ms').toFixed(1),
    times[Math.floor(times.length * 0.95)]!.toFixed(1),
    mean('cpuMs').toFixed(1),
    mean('checkpointBytes').toFixed(0),
    mean('writtenBytes').toFixed(0),
    mean('writtenRows').toFixed(1),
    Math.max(...steps.map(({ tokens }) => tokens)),
  ];
  return `| ${cells.join(' | ')} |`;
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
