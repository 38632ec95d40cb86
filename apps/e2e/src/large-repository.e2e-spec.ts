import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeFiles, keepChroma, largeRepository } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { npmEnvironment } from './npm-environment';
import { TekoProcess } from './teko-process';

const FILES = 20_000;
/** Made anew at the most after a kill: what was under way and not written. */
const LOST = 300;
/** What a first index may add to a process that has just started. */
const MOST_ADDED_MB = 400;
const PHASE_MS = 300_000;

interface Index {
  id: string;
  status: string;
  phase: 'files' | 'vectors' | null;
  doneFiles: number;
  totalFiles: number;
  commit: string | null;
  coverage: { files: number; chunks: number; vectors: number } | null;
  notice: string | null;
}

describe(`a repository of ${FILES} files`, () => {
  const home = keepChroma(mkdtempSync(join(tmpdir(), 'teko-e2e-')));
  let path = '';
  let teko: TekoProcess;
  let repositoryId = '';
  let startMb = 0;
  let mostMb = 0;

  const start = async () => {
    const env = { TEKO_EMBEDDINGS: 'local', ...npmEnvironment() };
    teko = await TekoProcess.start(env, home);
  };
  const indexWhere = (is: (index: Index) => boolean) =>
    vi.waitFor(
      async () => {
        const index = await teko.get<Index>(`/repositories/${repositoryId}/code-index`);
        mostMb = Math.max(mostMb, memoryOf(teko.child.pid!));
        if (!is(index)) throw new Error(JSON.stringify(index));
        return index;
      },
      { timeout: PHASE_MS, interval: 50 },
    );
  /** Kills the process when it has done so many, and starts another on the same data; answers what that one finds to do. */
  const killAt = async (phase: Index['phase'], done: number) => {
    const { doneFiles, totalFiles } = await indexWhere(
      (index) => index.phase === phase && index.doneFiles >= done && index.doneFiles < index.totalFiles,
    );
    const session = teko.sessionCookie;
    await teko.kill('SIGKILL');
    await start();
    await teko.useSession(session);
    const again = await indexWhere(
      (index) => index.phase === phase && index.totalFiles > 0 && index.totalFiles < totalFiles,
    );
    return { left: totalFiles - doneFiles, again: again.totalFiles };
  };

  beforeAll(async () => {
    path = largeRepository(FILES);
    await start();
    await teko.signIn();
    startMb = memoryOf(teko.child.pid!);
    repositoryId = (await teko.post('/repositories', { name: 'large', url: path })).id;
  });
  afterAll(async () => {
    await teko?.stop();
    rmSync(path, { recursive: true, force: true });
  });

  it(
    'is indexed once, with steady memory, though its process is killed while it reads and while it makes vectors',
    async () => {
      const files = await killAt('files', FILES / 4);
      expect(files.again).toBeLessThanOrEqual(files.left);
      expect(files.again).toBeGreaterThan(files.left - FILES / 4);
      const vectors = await killAt('vectors', FILES / 4);
      expect(vectors.again).toBeLessThanOrEqual(vectors.left + LOST);
      const { coverage, notice } = await indexWhere(({ status }) => status === 'ready');
      expect(notice).toBeNull();
      expect(coverage).toMatchObject({ files: FILES, chunks: FILES, vectors: FILES });
      expect(mostMb - startMb).toBeLessThan(MOST_ADDED_MB);
    },
    2 * PHASE_MS,
  );

  it(
    'is read again only where it has changed',
    async () => {
      changeFiles(path, 20);
      const before = (await teko.get<Index>(`/repositories/${repositoryId}/code-index`)).commit;
      await teko.post(`/repositories/${repositoryId}/analyses`);
      const index = await indexWhere(({ status, commit }) => status === 'ready' && commit !== before);
      expect(index).toMatchObject({ totalFiles: 20, coverage: { files: FILES, vectors: FILES }, notice: null });
    },
    PHASE_MS,
  );

  it('is asked', async () => {
    const question = encodeURIComponent('where does it say that the tax of a parcel is too large?');
    const { hits } = await teko.get<{ id: string; hits: { path: string; snippet: string }[] }>(
      `/repositories/${repositoryId}/search?q=${question}`,
    );
    expect(hits[0]!.snippet).toMatch(/(?:tax of parcel|parcel of tax) is too large/);
  });
});

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}
