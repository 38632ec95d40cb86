import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnavailableError } from '@teko/domain';
import { startModelServer, type ModelServer } from '@teko/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { remoteEmbedder, RemoteEmbedder } from './remote-embedder';

const KEY = 'sk-of-this-test';

describe('RemoteEmbedder with OpenAI or a compatible server', () => {
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
  const embedError = (use: 'passage' | 'query' = 'query') =>
    embedder.embed(['round'], use).then(
      () => null,
      (error: UnavailableError) => error,
    );

  it('requests unit vectors in batches and returns them in the order of the texts', async () => {
    const texts = Array.from({ length: 130 }, (_, n) => `price ${n}`);
    const vectors = await embedder.embed(texts, 'passage');
    expect(vectors).toHaveLength(130);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect(server.embeddings.map(({ input }) => input.length)).toEqual([64, 64, 2]);
    expect(server.embeddings[0]).toMatchObject({ model: 'text-small', authorization: `Bearer ${KEY}` });
    expect((await embedder.embed([texts[99]!], 'passage'))[0]).toEqual(vectors[99]);
  });

  it('sends no empty text, and cuts texts to what models accept', async () => {
    const vectors = await embedder.embed(['', 'round', '  \n', 'x'.repeat(100_000)], 'passage');
    expect(vectors.map((vector) => vector.length)).toEqual([64, 64, 64, 64]);
    expect(vectors.map((vector) => Math.hypot(...vector))).toEqual([0, expect.closeTo(1), 0, expect.closeTo(1)]);
    expect(server.embeddings.flatMap(({ input }) => input.map((text) => text.length))).toEqual([5, 8_000]);
    const fresh = new RemoteEmbedder('openai', 'text-small', { openaiBaseUrl: `${server.url}/v1` });
    expect((await fresh.embed([''], 'passage'))[0]).toEqual(new Array(64).fill(0));
  });

  it('sends one request for a query to many repositories', async () => {
    const [first] = await embedder.embed(['where is it rounded'], 'query');
    const again = await Promise.all([1, 2, 3].map(() => embedder.embed(['where is it rounded'], 'query')));
    expect(again.flat()).toEqual([first, first, first]);
    expect(server.embeddings).toHaveLength(1);
  });

  it.each([
    [401, /^openai rejected the API key\. Set OPENAI_API_KEY/],
    [404, /does not have the model text-small\. Set TEKO_EMBEDDINGS/],
    [429, /is limiting requests/],
    [500, /returned an error \(500\)/],
  ])('explains response status %s', async (status, message) => {
    server.onEmbeddings = () => ({ status });
    const error = await embedError();
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error!.message).toMatch(message);
    expect(error!.message).not.toContain(KEY);
  });

  it('retries a temporary error while indexing', async () => {
    let requests = 0;
    server.onEmbeddings = () => (++requests === 1 ? { status: 503 } : null);
    expect(await embedder.embed(['round'], 'passage')).toHaveLength(1);
    expect(requests).toBe(2);
  });

  it('limits how long a query waits, and fails later ones at once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const requests = new Promise<void>((resolve) => (server.onEmbeddings = () => (resolve(), 'hang')));
    const first = embedError();
    await requests;
    await vi.advanceTimersByTimeAsync(2_500);
    expect((await first)!.message).toMatch(/is not reachable\. Check that OPENAI_BASE_URL/);
    // The clock stands still from here on, so anything that waits would hang.
    for (let i = 0; i < 20; i++) expect(await embedError()).toBeInstanceOf(UnavailableError);
    expect(server.embeddings).toHaveLength(1);
  });

  it('stops if the signal is aborted', async () => {
    server.onEmbeddings = () => 'hang';
    const stop = new AbortController();
    const work = embedder.embed(['round'], 'passage', stop.signal);
    stop.abort(new Error('stopped'));
    await expect(work).rejects.toThrow('stopped');
  });
});

describe('RemoteEmbedder with Ollama', () => {
  const requests: { model: string; input: string[]; truncate: boolean }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as (typeof requests)[number];
    requests.push(body);
    const exists = request.url === '/api/embed' && body.model === 'nomic-embed-text';
    const answer = exists ? { embeddings: body.input.map(() => [3, 4]) } : { error: `model "${body.model}" not found` };
    response.writeHead(exists ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => void requests.splice(0));
  const ollama = (model: string) =>
    new RemoteEmbedder('ollama', model, {
      ollamaBaseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });

  it('prefixes texts with their purpose for models that need it', async () => {
    const embedder = ollama('nomic-embed-text');
    expect(await embedder.embed(['round'], 'query')).toEqual([[0.6, 0.8]]);
    await embedder.embed(['round'], 'passage');
    expect(requests.map(({ input }) => input)).toEqual([['search_query: round'], ['search_document: round']]);
    expect(requests[0]!.truncate).toBe(true);
  });

  it('explains how to pull a missing model', async () => {
    await expect(ollama('other').embed(['round'], 'query')).rejects.toThrow(
      /does not have the model other\. Run: ollama pull other/,
    );
  });
});

describe('RemoteEmbedder', () => {
  it('names a missing API key', async () => {
    const work = new RemoteEmbedder('openai', 'text-small', {}).embed(['round'], 'query');
    await expect(work).rejects.toThrow(/^OPENAI_API_KEY is not set/);
  });

  it('reports that Ollama is not running', async () => {
    const ollama = new RemoteEmbedder('ollama', 'nomic-embed-text', { ollamaBaseUrl: 'http://127.0.0.1:1' });
    await expect(ollama.embed(['round'], 'query')).rejects.toThrow(
      /^ollama is not reachable\. Check that Ollama is running at OLLAMA_BASE_URL/,
    );
  });

  it('is restored from its id unless its vectors are incompatible', () => {
    const id = new RemoteEmbedder('ollama', 'nomic-embed-text:latest', {}).id;
    expect(remoteEmbedder(id, {})?.id).toBe(id);
    expect([remoteEmbedder(id.replace(/\d+$/, '999'), {}), remoteEmbedder('local-1', {})]).toEqual([null, null]);
  });
});
