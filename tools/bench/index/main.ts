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
const QUESTIONS = 200;
const NEIGHBOURS = 200;
const CHANGED = 50;
const START_TIMEOUT_MS = 10_000;

/**
 * Indexes a made-up repository of so many files with the local embedder and a Chroma of its own, then changes some of them; then asks,
 * each question to the memory and to Chroma alone. `npm run bench -- index 20000`.
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
    await answers(vectors);
    const bring = async () => {
      const { headCommit } = await mirrors.sync({ id: ID, url } as never);
      return index(memory, headCommit);
    };
    write(`| index of ${files} files | seconds | MB at the start | MB at most |\n| --- | --- | --- | --- |`);
    write(`| first | ${await bring()} |`);
    changeFiles(url, CHANGED);
    write(`| after ${CHANGED} changes | ${await bring()} |`);
    await ask(memory, vectors);
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
  let most = start;
  const { CODE_RULES } = await loadLinguist();
  const began = performance.now();
  await memory.index(ID, commit, {
    rules: CODE_RULES,
    signal: new AbortController().signal,
    onProgress: async () => void (most = Math.max(most, megabytes())),
  });
  return `${((performance.now() - began) / 1000).toFixed(1)} | ${start} | ${most}`;
}

async function ask(memory: Memory, vectors: ChromaVectors): Promise<void> {
  const embedder = new LocalEmbedder();
  const [collection = ''] = await vectors.collections(`teko_${ID}`);
  const [whole, alone]: [number[], number[]] = [[], []];
  for (let n = 0; n < QUESTIONS; n++) {
    const text = `where is the price of a parcel with ${n} too large for the driver`;
    whole.push(await took(() => memory.search({ repositoryIds: [ID], text, limit: 10 })));
    const [vector] = await embedder.embed([text], 'query');
    alone.push(await took(() => vectors.nearest(collection, vector!, NEIGHBOURS)));
  }
  write(`\n| ${QUESTIONS} questions | p50, ms | p95, ms |\n| --- | --- | --- |`);
  for (const [name, times] of [['memory', whole] as const, ['Chroma alone', alone] as const])
    write(`| ${name} | ${at(times, 0.5)} | ${at(times, 0.95)} |`);
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function answers(vectors: ChromaVectors): Promise<void> {
  const end = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const fault = await vectors.check().then(
      () => null,
      (error: Error) => error,
    );
    if (!fault) return;
    if (Date.now() > end) throw fault;
    await pause(200);
  }
}

function at(times: number[], share: number): string {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)]!.toFixed(1);
}

function megabytes(): number {
  return Math.round(process.memoryUsage().rss / 1e6);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
