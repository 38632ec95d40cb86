import { readFileSync, rmSync } from 'node:fs';
import { changeFiles, FULL, shareChromaInstall, largeRepository } from '@teko/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually';
import { npmEnvironment } from './npm-environment';
import { onEnd, temporaryFolder, untilFileEnds } from './resources';
import { TekoProcess } from './teko-process';

const FILES = FULL ? 20_000 : 3_000;
/** Vectors that are computed again after a kill at most: those not yet stored. */
const MAX_REPEATED_VECTORS = 300;
/** Additional memory that the first indexing may use. */
const MAX_ADDED_MB = 400;
/** Only stops what hangs. */
const PHASE_TIMEOUT_MS = 600_000;

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

// In this order, because the tests share one index.
describe(`a repository of ${FILES} files`, { shuffle: false }, () => {
  let home = '';
  let path = '';
  let teko: TekoProcess;
  let repositoryId = '';
  let startMb = 0;
  let maxMb = 0;

  const start = async () => {
    const env = { TEKO_EMBEDDINGS: 'local', ...npmEnvironment() };
    teko = await untilFileEnds(() => TekoProcess.start(env, home));
  };
  const waitForIndex = (matches: (index: Index) => boolean) =>
    eventually(
      async () => {
        const index = await teko.get<Index>(`/repositories/${repositoryId}/code-index`);
        maxMb = Math.max(maxMb, memoryOf(teko.child.pid!));
        if (!matches(index)) throw new Error(JSON.stringify(index));
        return index;
      },
      { timeout: PHASE_TIMEOUT_MS, interval: 50 },
    );
  /** Kills the process after so many files and starts it again on the same data; returns how many were left and how many it processes again. */
  const killAt = async (phase: Index['phase'], done: number) => {
    const { doneFiles, totalFiles } = await waitForIndex(
      (index) => index.phase === phase && index.doneFiles >= done && index.doneFiles < index.totalFiles,
    );
    const session = teko.sessionCookie;
    await teko.kill('SIGKILL');
    await start();
    await teko.useSession(session);
    const again = await waitForIndex(
      (index) => index.phase === phase && index.totalFiles > 0 && index.totalFiles < totalFiles,
    );
    return { left: totalFiles - doneFiles, again: again.totalFiles };
  };

  beforeAll(async () => {
    home = shareChromaInstall(temporaryFolder('e2e'));
    path = largeRepository(FILES);
    onEnd(() => rmSync(path, { recursive: true, force: true }));
    await start();
    await teko.signIn();
    startMb = memoryOf(teko.child.pid!);
    repositoryId = (await teko.post('/repositories', { name: 'large', url: path })).id;
  });

  it(
    'is indexed once with stable memory, even if the process is killed while reading files and computing vectors',
    async () => {
      const files = await killAt('files', FILES / 4);
      expect(files.again).toBeLessThanOrEqual(files.left);
      expect(files.again).toBeGreaterThan(files.left - FILES / 4);
      const vectors = await killAt('vectors', FILES / 4);
      expect(vectors.again).toBeLessThanOrEqual(vectors.left + MAX_REPEATED_VECTORS);
      const { coverage, notice } = await waitForIndex(({ status }) => status === 'ready');
      expect(notice).toBeNull();
      expect(coverage).toMatchObject({ files: FILES, chunks: FILES, vectors: FILES });
      expect(maxMb - startMb).toBeLessThan(MAX_ADDED_MB);
    },
    2 * PHASE_TIMEOUT_MS,
  );

  it(
    'is indexed incrementally after a change',
    async () => {
      changeFiles(path, 20);
      const before = (await teko.get<Index>(`/repositories/${repositoryId}/code-index`)).commit;
      await teko.post(`/repositories/${repositoryId}/analyses`);
      const index = await waitForIndex(({ status, commit }) => status === 'ready' && commit !== before);
      expect(index).toMatchObject({ totalFiles: 20, coverage: { files: FILES, vectors: FILES }, notice: null });
    },
    PHASE_TIMEOUT_MS,
  );

  it('can be searched', async () => {
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
