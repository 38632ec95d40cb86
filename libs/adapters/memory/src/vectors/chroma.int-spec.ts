import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '@teko/domain';
import { chromaProcesses } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ChromaBinding } from './chroma-binding';
import { ChromaVectors } from './chroma-vectors';
import { ChromaFixture, INSTALL_TIMEOUT_MS } from './chroma.fixture';
import { ChromaServer } from './chroma-server';
import { vectorStoreContract } from './vector-store.contract';

let chroma: ChromaFixture;
beforeAll(async () => void (chroma = await new ChromaFixture().start()), INSTALL_TIMEOUT_MS);
afterAll(() => chroma?.remove());

vectorStoreContract('Chroma', () => Promise.resolve(new ChromaVectors(chroma.server)));

describe('a store whose Chroma is not there', () => {
  it('says what to do', async () => {
    const store = new ChromaVectors({ url: 'http://127.0.0.1:1', remedy: 'Mend it' });
    await expect(store.check()).rejects.toThrow(/^Chroma does not answer\. Mend it$/);
  });

  it('says why there is none yet', async () => {
    const store = new ChromaVectors(new ChromaServer('/nonexistent'));
    await expect(store.nearest('teko_x', [1, 0], 3)).rejects.toThrow(
      new UnavailableError('chroma', 'Chroma is being started'),
    );
  });
});

describe('Chroma for another system', () => {
  it('says what to do where it cannot be installed, and leaves nothing behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'teko-chroma-'));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1').stubEnv('npm_config_fetch_retries', '0');
    const said: string[] = [];
    const work = new ChromaBinding(folder, (line) => said.push(line)).fetch(new AbortController().signal);
    await expect(work).rejects.toThrow(/cannot be installed for this system \(npm install .*ECONNREFUSED.*CHROMA_URL/);
    expect(said).toEqual([expect.stringContaining('110 MB, once')]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the embedded Chroma', () => {
  it('runs with nothing of the environment but the path, and only for this host', () => {
    const [pid] = chromaProcesses(chroma.home);
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
    expect(names.map((line) => line.split('=')[0])).toEqual(['PATH', 'ANONYMIZED_TELEMETRY']);
    expect(new URL(chroma.server.url).hostname).toBe('127.0.0.1');
  });

  it('is started again when it dies, with what it had', async () => {
    const store = new ChromaVectors(chroma.server);
    await store.upsert('teko_kept', [{ id: 'a:0', vector: [1, 0] }]);
    const [pid] = chromaProcesses(chroma.home);
    process.kill(pid!, 'SIGKILL');
    await chroma.isDown(/started again/);
    await chroma.isUp();
    expect(chromaProcesses(chroma.home)).not.toContain(pid);
    expect(await store.nearest('teko_kept', [1, 0], 1)).toEqual([{ id: 'a:0', similarity: 1 }]);
  });

  it('starts afresh when its data is deleted', async () => {
    const store = new ChromaVectors(chroma.server);
    await store.upsert('teko_wiped', [{ id: 'a:0', vector: [1, 0] }]);
    rmSync(join(chroma.home, 'chroma'), { recursive: true });
    await chroma.isDown();
    await chroma.isUp();
    expect(await store.count('teko_wiped')).toBe(0);
    await store.upsert('teko_wiped', [{ id: 'a:0', vector: [1, 0, 0] }]);
    expect(await store.count('teko_wiped')).toBe(1);
  });

  it('is over when it is told to stop, even while it starts', async () => {
    const other = new ChromaFixture();
    onTestFinished(() => other.remove());
    other.server.start();
    await vi.waitFor(() => expect(chromaProcesses(other.home)).toHaveLength(1), { timeout: 150_000, interval: 5 });
    await other.remove();
    expect(chromaProcesses(other.home)).toEqual([]);
  });
});
