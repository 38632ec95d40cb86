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

describe('ChromaVectors without a server', () => {
  it('names the remedy', async () => {
    const store = new ChromaVectors({ url: 'http://127.0.0.1:1', remedy: 'Fix it' });
    await expect(store.check()).rejects.toThrow(/^Chroma is not reachable\. Fix it$/);
  });

  it('reports that the server is starting', async () => {
    const store = new ChromaVectors(new ChromaServer('/nonexistent'));
    await expect(store.nearest('teko_x', [1, 0], 3)).rejects.toThrow(
      new UnavailableError('chroma', 'Chroma is starting'),
    );
  });
});

describe('ChromaBinding', () => {
  it('names the remedy and leaves no files if the installation fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'teko-chroma-'));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1').stubEnv('npm_config_fetch_retries', '0');
    const lines: string[] = [];
    const work = new ChromaBinding(folder, (line) => lines.push(line)).installFallback(new AbortController().signal);
    await expect(work).rejects.toThrow(/cannot be installed for this system \(npm install .*ECONNREFUSED.*CHROMA_URL/);
    expect(lines).toEqual([expect.stringContaining('110 MB, once')]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('ChromaServer', () => {
  it('is reached only with its token, and not by its port', async () => {
    const { url, headers } = chroma.server;
    const statusOf = (given: Record<string, string>, path = '/api/v2/heartbeat') =>
      fetch(url + path, { headers: given }).then(({ status }) => status);
    expect(await statusOf(headers)).toBe(200);
    const token = headers['x-chroma-token']!;
    const wrong: Record<string, string>[] = [
      {},
      { 'x-chroma-token': '' },
      { 'x-chroma-token': `${token}A` },
      { authorization: `Bearer ${token}` },
    ];
    for (const given of [...wrong, { 'x-chroma-token': token.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }])
      for (const path of ['/api/v2/heartbeat', '/api/v2/reset', '/docs']) expect(await statusOf(given, path)).toBe(401);
    const open = new ChromaVectors({ url, remedy: '' });
    await expect(open.collections('')).rejects.toThrow(/requires authentication/);
    // The server is in a network of its own: no process of this host listens on its port.
    const commands = chromaProcesses(chroma.home).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    expect(commands.join()).toContain('--unshare-net');
    await expect(fetch('http://127.0.0.1:8000/api/v2/heartbeat')).rejects.toThrow();
  });

  it('inherits only PATH from the environment, and listens only on loopback', () => {
    const [pid] = chromaProcesses(chroma.home);
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
    expect(names.map((line) => line.split('=')[0])).toEqual(['PATH', 'ANONYMIZED_TELEMETRY']);
    expect(new URL(chroma.server.url).hostname).toBe('127.0.0.1');
  });

  it('restarts with its data if the process dies', async () => {
    const store = new ChromaVectors(chroma.server);
    await store.upsert('teko_kept', [{ id: 'a:0', vector: [1, 0] }]);
    const [pid] = chromaProcesses(chroma.home);
    process.kill(pid!, 'SIGKILL');
    await chroma.waitUntilDown(/restarting/);
    await chroma.waitUntilUp();
    expect(chromaProcesses(chroma.home)).not.toContain(pid);
    expect(await store.nearest('teko_kept', [1, 0], 1)).toEqual([{ id: 'a:0', similarity: 1 }]);
  });

  it('restarts without data if its data is deleted', async () => {
    const store = new ChromaVectors(chroma.server);
    await store.upsert('teko_wiped', [{ id: 'a:0', vector: [1, 0] }]);
    rmSync(join(chroma.home, 'chroma'), { recursive: true });
    await chroma.waitUntilDown();
    await chroma.waitUntilUp();
    expect(await store.count('teko_wiped')).toBe(0);
    await store.upsert('teko_wiped', [{ id: 'a:0', vector: [1, 0, 0] }]);
    expect(await store.count('teko_wiped')).toBe(1);
  });

  it('stops even while it is starting', async () => {
    const other = new ChromaFixture();
    onTestFinished(() => other.remove());
    other.server.start();
    await vi.waitFor(() => expect(chromaProcesses(other.home)).not.toEqual([]), { timeout: 150_000, interval: 5 });
    await other.remove();
    expect(chromaProcesses(other.home)).toEqual([]);
  });
});
