import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FULL } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually, PermanentError } from './eventually';
import { requirePackages } from './required-packages';
import { temporaryFolder } from './resources';
import { finish, modelEnv, startModel } from './small-scenario';
import { TekoProcess } from './teko-process';

requirePackages('bubblewrap');

const RUNS = FULL ? 200 : 28;

/** Creates a repository whose test costs almost nothing, so that the load is Teko's. */
function tinyRepository(): string {
  const path = temporaryFolder('tiny');
  writeFileSync(join(path, 'answer.txt'), 'wrong\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=S', '-c', 'user.email=s@localhost', ...args], { cwd: path });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Answer');
  return path;
}

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

it(
  `${RUNS} queued runs with an immediate model finish once each with stable memory`,
  { timeout: 1_800_000 },
  async () => {
    const server = await startModel([
      { toolCalls: [{ name: 'edit_file', args: { path: 'answer.txt', oldText: 'wrong', newText: 'right' } }] },
      finish,
    ]);
    const teko = await (await TekoProcess.start({ ...modelEnv(server), TEKO_CONCURRENCY: '4' })).signIn();
    const repository = await teko.post('/repositories', { name: 'tiny', url: tinyRepository() });
    await teko.patch(`/repositories/${repository.id}`, { testCommand: 'grep -q right answer.txt' });
    for (let i = 0; i < RUNS; i++)
      await teko.post('/tasks', {
        repositoryId: repository.id,
        kind: 'implement',
        title: `Answer ${i}`,
        description: '',
      });

    const memory: number[] = [];
    await eventually(
      async () => {
        const { runs } = await teko.get<{ runs: Record<string, number> }>('/dashboard');
        memory.push(residentMegabytes(teko.child.pid!));
        if (runs.failed) throw new PermanentError(`${runs.failed} runs failed`);
        expect(runs).toEqual({ succeeded: RUNS });
      },
      { timeout: 1_700_000, interval: 500 },
    );
    const all = await teko.get<{ total: number; data: { taskId: string; number: number }[] }>(
      `/runs?perPage=200&sort=number&order=ASC`,
    );
    expect(all.total).toBe(RUNS);
    expect(new Set(all.data.map(({ taskId }) => taskId)).size).toBe(RUNS);
    expect((await teko.get<{ total: number }>('/changes?perPage=1')).total).toBe(RUNS);
    expect(server.calls).toHaveLength(2 * RUNS);

    const average = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const half = Math.floor(memory.length / 2);
    const quarter = Math.max(1, Math.floor(memory.length / 4));
    const [middle, last] = [average(memory.slice(half - quarter, half)), average(memory.slice(-quarter))];
    process.stdout.write(
      `memory: ${Math.round(middle)} MB before half of the runs, ${Math.round(last)} MB at the end\n`,
    );
    expect(last).toBeLessThan(middle * 1.3 + 30);
  },
);
