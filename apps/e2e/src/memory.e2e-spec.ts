import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromaProcesses, shareChromaInstall } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually';
import { MachineDelay } from './machine-delay';
import { npmEnvironment } from './npm-environment';
import { temporaryFolder } from './resources';
import { TekoProcess } from './teko-process';

const QUESTION = encodeURIComponent('where is an amount rounded to cents');
/** For installing Chroma, once for all tests. */
const INSTALL_TIMEOUT_MS = 600_000;
/** Maximum response time in any state of Chroma, without delays by other processes. */
const MAX_DURATION_MS = 3_000;
/** Missing vectors are detected every 15 seconds. */
const RECOVERY_TIMEOUT_MS = 180_000;

interface Answer {
  notice: string | null;
  hits: { path: string; reasons: { kind: string }[] }[];
}

describe('a Teko without external services', () => {
  let teko: TekoProcess;

  /** Searches and returns the notice, and whether code was found by meaning. */
  async function search(): Promise<{ notice: string | null; byMeaning: boolean }> {
    const { result, netMs } = await MachineDelay.measure(() => teko.get<Answer>(`/search?q=${QUESTION}&limit=5`));
    const { notice, hits } = result;
    expect(netMs).toBeLessThan(MAX_DURATION_MS);
    const kinds = new Set(hits.flatMap(({ reasons }) => reasons.map(({ kind }) => kind)));
    if (hits.length > 0) expect(hits.map(({ path }) => path)).toContain('src/money.js');
    return { notice, byMeaning: kinds.has('meaning') };
  }
  const waitUntilHealthy = (timeout: number) =>
    eventually(async () => expect(await search()).toEqual({ notice: null, byMeaning: true }), {
      timeout,
      interval: 200,
    });
  const ready = async () => (await (await fetch(`${teko.url}/readyz`)).json()) as unknown;
  const isReady = (chroma: string) => ({ status: 'ok', dependencies: { database: 'up', queue: 'up', chroma } });

  it(
    'finds code by meaning, by words while Chroma is down, and recovers after the data of Chroma was deleted',
    async () => {
      const home = shareChromaInstall(temporaryFolder('e2e'));
      const env = { TEKO_DEMO: 'on', TEKO_EMBEDDINGS: '', ...npmEnvironment() };
      teko = await (await TekoProcess.start(env, home)).signIn();
      await waitUntilHealthy(INSTALL_TIMEOUT_MS);
      expect(await ready()).toEqual(isReady('up'));

      const [first] = chromaProcesses(home);
      process.kill(first!, 'SIGKILL');
      expect(await search()).toEqual({
        notice: expect.stringMatching(/^Keyword search only: Chroma/),
        byMeaning: false,
      });
      expect(await ready()).toEqual(isReady('down'));
      await waitUntilHealthy(RECOVERY_TIMEOUT_MS);

      process.kill(chromaProcesses(home)[0]!, 'SIGKILL');
      rmSync(join(home, 'chroma'), { recursive: true });
      expect((await search()).notice).toMatch(/^Keyword search only/);
      await waitUntilHealthy(RECOVERY_TIMEOUT_MS);

      await teko.kill('SIGKILL');
      await eventually(() => expect(chromaProcesses(home), 'no Chroma process remains').toEqual([]));
    },
    INSTALL_TIMEOUT_MS + 2 * RECOVERY_TIMEOUT_MS,
  );
});
