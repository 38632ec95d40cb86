import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadLinguist } from '../../../libs/flow/analysis/src/index';
import { createMemory } from '../../../libs/adapters/memory/src/index';
import { LocalEmbedder } from '../../../libs/adapters/memory/src/embedders/local-embedder';
import { ChromaServer } from '../../../libs/adapters/memory/src/vectors/chroma-server';
import { ChromaVectors } from '../../../libs/adapters/memory/src/vectors/chroma-vectors';
import { LocalGitMirrors } from '../../../libs/adapters/local/src/index';
import { changeFiles, shareChromaInstall, largeRepository } from '../../../libs/testing/src/index';

const ID = 'bench';
const QUERIES = 200;
const NEIGHBOURS = 200;
const CHANGED_FILES = 50;
const START_TIMEOUT_MS = 10_000;

/**
 * Indexes a generated repository with the local embedder and its own Chroma, changes some files and indexes again. Then measures
 * each query with the memory and with Chroma alone. `npm run bench -- index 20000` sets the number of files.
 */
export async function main([files = '20000']: string[]): Promise<void> {
  const home = shareChromaInstall(mkdtempSync(join(tmpdir(), 'teko-bench-index-')));
  const url = largeRepository(Number(files));
  const chroma = new ChromaServer(home);
  const mirrors = new LocalGitMirrors(home);
  const memory = createMemory({ home, mirrors, embeddings: 'local', chroma });
  try {
    chroma.start();
    const vectors = new ChromaVectors(chroma);
    await waitUntilReady(vectors);
    const update = async () => {
      const { headCommit } = await mirrors.sync({ id: ID, url } as never);
      return index(memory, headCommit);
    };
    write(`| index of ${files} files | seconds | MB at start | MB at peak |\n| --- | --- | --- | --- |`);
    write(`| first | ${await update()} |`);
    changeFiles(url, CHANGED_FILES);
    write(`| after ${CHANGED_FILES} changes | ${await update()} |`);
    await measureQueries(memory, vectors);
  } finally {
    memory.close();
    await chroma.stop();
    rmSync(home, { recursive: true, force: true });
    rmSync(url, { recursive: true, force: true });
  }
}

type Memory = ReturnType<typeof createMemory>;

async function index(memory: Memory, commit: string): Promise<string> {
  const start = megabytes();
  let peak = start;
  const { CODE_RULES } = await loadLinguist();
  const startedAt = performance.now();
  await memory.index(ID, commit, {
    rules: CODE_RULES,
    signal: new AbortController().signal,
    onProgress: async () => void (peak = Math.max(peak, megabytes())),
  });
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} | ${start} | ${peak}`;
}

async function measureQueries(memory: Memory, vectors: ChromaVectors): Promise<void> {
  const embedder = new LocalEmbedder();
  const [collection = ''] = await vectors.collections(`teko_${ID}`);
  const [memoryTimes, chromaTimes]: [number[], number[]] = [[], []];
  for (let n = 0; n < QUERIES; n++) {
    const text = `where is the price of a parcel with ${n} too large for the driver`;
    memoryTimes.push(await elapsedMs(() => memory.search({ repositoryIds: [ID], text, limit: 10 })));
    const [vector] = await embedder.embed([text], 'query');
    chromaTimes.push(await elapsedMs(() => vectors.nearest(collection, vector!, NEIGHBOURS)));
  }
  write(`\n| ${QUERIES} queries | p50, ms | p95, ms |\n| --- | --- | --- |`);
  for (const [name, times] of [['memory', memoryTimes] as const, ['Chroma alone', chromaTimes] as const])
    write(`| ${name} | ${percentile(times, 0.5)} | ${percentile(times, 0.95)} |`);
}

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function waitUntilReady(vectors: ChromaVectors): Promise<void> {
  const end = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const failure = await vectors.check().then(
      () => null,
      (error: Error) => error,
    );
    if (!failure) return;
    if (Date.now() > end) throw failure;
    await pause(200);
  }
}

function percentile(times: number[], share: number): string {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)]!.toFixed(1);
}

function megabytes(): number {
  return Math.round(process.memoryUsage().rss / 1e6);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
