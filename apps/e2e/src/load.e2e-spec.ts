import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModelServer, type ModelServer } from '@teko/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { needs } from './needs';
import { TekoProcess } from './teko-process';

needs('bubblewrap');

const RUNS = 200;
let teko: TekoProcess | undefined;
let server: ModelServer | undefined;
afterEach(async () => {
  await teko?.stop();
  await server?.close();
});

/** A repository whose test costs next to nothing, so that the load is Teko's. */
function tinyRepository(): string {
  const path = mkdtempSync(join(tmpdir(), 'teko-tiny-'));
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
  `${RUNS} queued runs with a model that answers at once: none lost, none twice, memory stable`,
  { timeout: 900_000 },
  async () => {
    server = await startModelServer([
      { toolCalls: [{ name: 'edit_file', args: { path: 'answer.txt', oldText: 'wrong', newText: 'right' } }] },
      { toolCalls: [{ name: 'finish', args: { title: 'Answer right', summary: '' } }] },
    ]);
    const env = {
      TEKO_MODEL: 'openai:scripted',
      OPENAI_BASE_URL: `${server.url}/v1`,
      OPENAI_API_KEY: 'story-key',
      TEKO_CONCURRENCY: '4',
    };
    teko = await (await TekoProcess.start(env)).signIn();
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
    await vi.waitFor(
      async () => {
        const { runs } = await teko!.get<{ runs: Record<string, number> }>('/dashboard');
        memory.push(residentMegabytes(teko!.child.pid!));
        expect(runs).toEqual({ succeeded: RUNS });
      },
      { timeout: 840_000, interval: 1_000 },
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
    expect(average(memory.slice(-quarter))).toBeLessThan(average(memory.slice(half - quarter, half)) * 1.3 + 30);
  },
);
