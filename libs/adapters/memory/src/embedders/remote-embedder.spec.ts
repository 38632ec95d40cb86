import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnavailableError } from '@teko/domain';
import { startModelServer, type ModelServer } from '@teko/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { remoteEmbedder, RemoteEmbedder } from './remote-embedder';

const KEY = 'sk-of-this-test';

describe('an embedder that asks OpenAI or what speaks its API', () => {
  let server: ModelServer;
  let embedder: RemoteEmbedder;
  beforeEach(async () => {
    server = await startModelServer([]);
    embedder = new RemoteEmbedder('openai', 'text-small', { openaiBaseUrl: `${server.url}/v1`, openaiApiKey: KEY });
  });
  afterEach(() => {
    vi.useRealTimers();
    return server.close();
  });
  const faultOf = (use: 'passage' | 'query' = 'query') =>
    embedder.embed(['round'], use).then(
      () => null,
      (error: UnavailableError) => error,
    );

  it('gives vectors of length 1 in the order of the texts, asked for in batches', async () => {
    const texts = Array.from({ length: 130 }, (_, n) => `price ${n}`);
    const vectors = await embedder.embed(texts, 'passage');
    expect(vectors).toHaveLength(130);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect(server.embeddings.map(({ input }) => input.length)).toEqual([64, 64, 2]);
    expect(server.embeddings[0]).toMatchObject({ model: 'text-small', authorization: `Bearer ${KEY}` });
    expect((await embedder.embed([texts[99]!], 'passage'))[0]).toEqual(vectors[99]);
  });

  it('never sends a text that says nothing, and no more of a text than models take', async () => {
    const vectors = await embedder.embed(['', 'round', '  \n', 'x'.repeat(100_000)], 'passage');
    expect(vectors.map((vector) => vector.length)).toEqual([64, 64, 64, 64]);
    expect(vectors.map((vector) => Math.hypot(...vector))).toEqual([0, expect.closeTo(1), 0, expect.closeTo(1)]);
    expect(server.embeddings.flatMap(({ input }) => input.map((text) => text.length))).toEqual([5, 8_000]);
    const fresh = new RemoteEmbedder('openai', 'text-small', { openaiBaseUrl: `${server.url}/v1` });
    expect((await fresh.embed([''], 'passage'))[0]).toEqual(new Array(64).fill(0));
  });

  it('asks once for a question that goes to many repositories', async () => {
    const [first] = await embedder.embed(['where is it rounded'], 'query');
    const again = await Promise.all([1, 2, 3].map(() => embedder.embed(['where is it rounded'], 'query')));
    expect(again.flat()).toEqual([first, first, first]);
    expect(server.embeddings).toHaveLength(1);
  });

  it.each([
    [401, /^openai does not accept the key\. Set OPENAI_API_KEY/],
    [404, /does not know the model text-small\. Set TEKO_EMBEDDINGS/],
    [429, /has had enough questions/],
    [500, /answers with an error \(500\)/],
  ])('says what is wrong where the answer is %s', async (status, message) => {
    server.onEmbeddings = () => ({ status });
    const fault = await faultOf();
    expect(fault).toBeInstanceOf(UnavailableError);
    expect(fault!.message).toMatch(message);
    expect(fault!.message).not.toContain(KEY);
  });

  it('tries again where indexing meets an error that passes', async () => {
    let asked = 0;
    server.onEmbeddings = () => (++asked === 1 ? { status: 503 } : null);
    expect(await embedder.embed(['round'], 'passage')).toHaveLength(1);
    expect(asked).toBe(2);
  });

  it('keeps a question waiting for a bounded time, and the next ones not at all', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const asked = new Promise<void>((resolve) => (server.onEmbeddings = () => (resolve(), 'hang')));
    const first = faultOf();
    await asked;
    await vi.advanceTimersByTimeAsync(2_500);
    expect((await first)!.message).toMatch(/does not answer\. See that OPENAI_BASE_URL/);
    // The clock stands still from here on: who waits for anything hangs.
    for (let i = 0; i < 20; i++) expect(await faultOf()).toBeInstanceOf(UnavailableError);
    expect(server.embeddings).toHaveLength(1);
  });

  it('stops when it is told to', async () => {
    server.onEmbeddings = () => 'hang';
    const stop = new AbortController();
    const work = embedder.embed(['round'], 'passage', stop.signal);
    stop.abort(new Error('stopped'));
    await expect(work).rejects.toThrow('stopped');
  });
});

describe('an embedder that asks Ollama', () => {
  const asked: { model: string; input: string[]; truncate: boolean }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as (typeof asked)[number];
    asked.push(body);
    const isThere = request.url === '/api/embed' && body.model === 'nomic-embed-text';
    const answer = isThere
      ? { embeddings: body.input.map(() => [3, 4]) }
      : { error: `model "${body.model}" not found` };
    response.writeHead(isThere ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => void asked.splice(0));
  const ollama = (model: string) =>
    new RemoteEmbedder('ollama', model, {
      ollamaBaseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });

  it('says to models that want it what a text is', async () => {
    const embedder = ollama('nomic-embed-text');
    expect(await embedder.embed(['round'], 'query')).toEqual([[0.6, 0.8]]);
    await embedder.embed(['round'], 'passage');
    expect(asked.map(({ input }) => input)).toEqual([['search_query: round'], ['search_document: round']]);
    expect(asked[0]!.truncate).toBe(true);
  });

  it('says how to get a model that is not there', async () => {
    await expect(ollama('other').embed(['round'], 'query')).rejects.toThrow(
      /does not know the model other\. Run: ollama pull other/,
    );
  });
});

describe('an embedder of a provider', () => {
  it('says which key is missing', async () => {
    const work = new RemoteEmbedder('openai', 'text-small', {}).embed(['round'], 'query');
    await expect(work).rejects.toThrow(/^OPENAI_API_KEY is not set/);
  });

  it('says that Ollama does not run', async () => {
    const ollama = new RemoteEmbedder('ollama', 'nomic-embed-text', { ollamaBaseUrl: 'http://127.0.0.1:1' });
    await expect(ollama.embed(['round'], 'query')).rejects.toThrow(
      /^ollama does not answer\. See that Ollama runs at OLLAMA_BASE_URL/,
    );
  });

  it('is found again by its id, unless its vectors were made otherwise', () => {
    const id = new RemoteEmbedder('ollama', 'nomic-embed-text:latest', {}).id;
    expect(remoteEmbedder(id, {})?.id).toBe(id);
    expect([remoteEmbedder(id.replace(/\d+$/, '999'), {}), remoteEmbedder('local-1', {})]).toEqual([null, null]);
  });
});
