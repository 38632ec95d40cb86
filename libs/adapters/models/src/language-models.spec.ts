import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError, ContextLengthError, type LanguageModels, type ModelRequest } from '@teko/domain';
import { startModelServer, type ModelServer, type Script } from '@teko/testing';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLanguageModels } from './language-models';

const request = (model: string, patch: Partial<ModelRequest> = {}): ModelRequest => ({
  model,
  messages: [
    { role: 'system', content: 'You are careful.' },
    { role: 'user', content: 'Do it.' },
  ],
  tools: [
    {
      name: 'read_file',
      description: 'Reads',
      parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
    },
  ],
  maxOutputTokens: 1000,
  ...patch,
});

describe.each(['openai', 'anthropic'] as const)('%s', (provider) => {
  let server: ModelServer;
  let models: LanguageModels;
  const start = async (script: Script) => {
    server = await startModelServer(script);
    models = createLanguageModels({
      modelByAgent: {},
      openaiApiKey: 'key-of-openai',
      openaiBaseUrl: `${server.url}/v1`,
      anthropicApiKey: 'key-of-anthropic',
      anthropicBaseUrl: server.url,
    });
  };
  const complete = (patch: Partial<ModelRequest> = {}) =>
    models.complete(request(`${provider}:scripted`, patch), { signal: new AbortController().signal, runId: 'r' });
  afterEach(() => server?.close());

  it('returns text, tool calls and usage, and counts cached tokens once', async () => {
    await start([
      {
        text: 'I look.',
        toolCalls: [
          { name: 'read_file', args: { path: 'a' } },
          { name: 'read_file', args: { path: 'b' } },
        ],
        usage: { input: 100, cacheRead: 40, output: 7 },
      },
    ]);
    expect(await complete()).toEqual({
      content: 'I look.',
      toolCalls: [
        { id: 'call_0_0', name: 'read_file', args: { path: 'a' } },
        { id: 'call_0_1', name: 'read_file', args: { path: 'b' } },
      ],
      usage: { input: 100, cacheRead: 40, cacheWrite: 0, output: 7 },
      stopReason: 'tool_calls',
    });
    expect(server.calls[0]).toMatchObject({ provider, turn: 0, tools: ['read_file'] });
  });

  it('sends the whole conversation to the model', async () => {
    await start([{ text: 'one' }, { text: 'two' }]);
    const messages: ModelRequest['messages'] = [
      { role: 'user', content: 'Start.' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'read_file', args: null, rawArgs: '{' }] },
      { role: 'tool', toolCallId: 'c1', name: 'read_file', content: 'no JSON', isError: true },
    ];
    expect((await complete({ messages })).content).toBe('two');
    expect(server.calls[0]?.text).toContain('no JSON');
  });

  it('returns the raw text of invalid arguments', async () => {
    await start([{ brokenJson: 'edit_file' }]);
    expect((await complete()).toolCalls).toEqual([
      { id: 'call_0_0', name: 'edit_file', args: null, rawArgs: '{"path": "a.txt", "oldText":' },
    ]);
  });

  it('rejects an incomplete response without repeating the request', async () => {
    await start([{ halfStream: true }]);
    await expect(complete()).rejects.toThrow(/is incomplete/);
    expect(server.calls).toHaveLength(1);
  });

  it.each([429, 503])('retries after %i as soon as the provider allows', async (status) => {
    let requests = 0;
    await start(() => (requests++ === 0 ? { status, headers: { 'retry-after': '0' } } : { text: 'fine' }));
    expect((await complete()).content).toBe('fine');
  });

  it('sends no empty messages and no lone surrogates, which providers reject', async () => {
    await start([{ text: 'one' }, { text: 'two' }, { text: 'three' }, { text: 'four' }]);
    const half = '\u{1f600}'.slice(0, 1);
    const messages: ModelRequest['messages'] = [
      { role: 'user', content: `Start ${half}.` },
      { role: 'assistant', content: '', toolCalls: [] },
      { role: 'user', content: 'Go on.' },
      { role: 'assistant', content: ' ', toolCalls: [{ id: 'c1', name: 'read_file', args: { path: half } }] },
      { role: 'tool', toolCallId: 'c1', name: 'read_file', content: '', isError: false },
    ];
    expect((await complete({ messages })).content).toBe('three');
    expect(server.calls[0]?.text).toContain('Start \ufffd.');
  });

  it('reports that a request is too long, without retries', async () => {
    const message =
      provider === 'openai'
        ? "This model's maximum context length is 8192 tokens."
        : 'prompt is too long: 215000 tokens > 200000 maximum';
    const code = provider === 'openai' ? 'context_length_exceeded' : undefined;
    await start(() => ({
      status: 400,
      body: { type: 'error', error: { type: 'invalid_request_error', message, code } },
    }));
    const error = await complete().catch((e: ModelError) => e);
    expect(error).toBeInstanceOf(ContextLengthError);
    expect(error).toMatchObject({
      retriable: false,
      unpaid: true,
      message: expect.stringContaining('TEKO_CONTEXT_TOKENS'),
    });
    expect(server.calls).toHaveLength(1);
  });

  it('gives up after three attempts', async () => {
    await start(() => ({ status: 500, headers: { 'retry-after': '0' } }));
    await expect(complete()).rejects.toMatchObject({ retriable: true, status: 500 });
    expect(server.calls).toHaveLength(3);
  });

  it('names the setting of a rejected key, but not the key', async () => {
    await start(() => ({ status: 401 }));
    const error = await complete().catch((e: ModelError) => e);
    expect(error).toMatchObject({
      retriable: false,
      message: expect.stringContaining(`${provider.toUpperCase()}_API_KEY`),
    });
    expect(String(error)).not.toContain('key-of');
    expect(server.calls).toHaveLength(1);
  });

  it('closes the request on abort', async () => {
    await start(() => ({ hang: true }));
    const stop = new AbortController();
    const pending = models.complete(request(`${provider}:scripted`), { signal: stop.signal, runId: 'r' });
    pending.catch(() => undefined);
    await vi.waitFor(() => expect(server.calls).toHaveLength(1), { timeout: 50_000 });
    stop.abort();
    await expect(pending).rejects.toThrow();
    await vi.waitFor(() => expect(server.calls[0]?.aborted).toBe(true), { timeout: 50_000 });
  });
});

describe('modelFor', () => {
  it.each([
    [{}, { model: null, fallback: null, missingSetting: 'TEKO_MODEL' }],
    [{ model: 'openai:x' }, { model: null, fallback: null, missingSetting: 'OPENAI_API_KEY' }],
    [
      { model: 'openai:x', openaiBaseUrl: 'http://h' },
      { model: 'openai:x', fallback: null, missingSetting: null },
    ],
    [{ model: 'anthropic:x' }, { model: null, fallback: null, missingSetting: 'ANTHROPIC_API_KEY' }],
    [{ model: 'ollama:x' }, { model: 'ollama:x', fallback: null, missingSetting: null }],
    [
      { model: 'ollama:x', modelByAgent: { review: 'ollama:y' } },
      { model: 'ollama:y', fallback: null, missingSetting: null },
    ],
    [
      { model: 'ollama:x', fallback: 'openai:z' },
      { model: null, fallback: null, missingSetting: 'OPENAI_API_KEY' },
    ],
    [
      { model: 'ollama:x', fallback: 'ollama:z', fallbackByAgent: { review: 'ollama:r' } },
      { model: 'ollama:x', fallback: 'ollama:r', missingSetting: null },
    ],
  ])('%j', (settings, choice) => {
    expect(createLanguageModels({ modelByAgent: {}, ...settings }).modelFor('review', { demo: false })).toEqual(choice);
  });
});

describe('replay', () => {
  it('replays the turn for the request, repeatedly, and reports a missing turn', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'teko-replay-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 't.json');
    writeFileSync(
      file,
      JSON.stringify({ agents: { implementation: { turns: [{ toolCalls: [{ name: 'finish', args: {} }] }] } } }),
    );
    const models = createLanguageModels({ modelByAgent: {}, replayFile: file });
    const { model } = models.modelFor('implementation', { demo: true });
    const complete = (patch = {}) =>
      models.complete(request(model!, patch), { signal: new AbortController().signal, runId: 'r' });
    expect(await complete()).toEqual(await complete());
    expect((await complete()).toolCalls).toEqual([{ id: 'replay-0-0', name: 'finish', args: {} }]);
    await expect(complete({ messages: [{ role: 'assistant', content: '', toolCalls: [] }] })).rejects.toThrow(
      /no turn 2/,
    );
  });
});

describe('price', () => {
  const price = (model: string) =>
    createLanguageModels({ modelByAgent: {} }).price(model, {
      input: 1000,
      cacheRead: 400,
      cacheWrite: 100,
      output: 10,
    });
  it('counts cached tokens at their own price, in millionths of a dollar', () => {
    expect(price('anthropic:claude-sonnet-4-5')).toBe(500 * 3 + 120 + 375 + 150);
    expect(price('openai:gpt-5-mini-2025')).toBe(Math.ceil(500 * 0.25 + 10 + 25 + 20));
  });
  it('is nothing for a local model and unknown for others', () => {
    expect(price('ollama:qwen')).toBe(0);
    expect(price('openai:some-server-model')).toBeNull();
  });
});
