import type { LanguageModels, ModelReply, ModelRequest } from '@teko/domain';
import { expect, it } from 'vitest';
import { redactedModels } from './redacted-models';

it('sends no secret to a model, and returns none', async () => {
  const sent: ModelRequest[] = [];
  const reply: ModelReply = {
    content: 'it is SECRET',
    toolCalls: [
      { id: '1', name: 'write_file', args: { path: 'a', content: 'SECRET', list: ['SECRET', 1, null] } },
      { id: '2', name: 'read_file', args: null, rawArgs: '{SECRET' },
    ],
    usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 },
    stopReason: 'tool_calls',
  };
  const models = {
    complete: async (request: ModelRequest) => {
      sent.push(request);
      return reply;
    },
    maxPrice: ({ messages }: ModelRequest) => JSON.stringify(messages).length,
  } as unknown as LanguageModels;
  const redacted = redactedModels(models, (text) => text.replaceAll('SECRET', '[redacted]'));
  const request: ModelRequest = {
    model: 'm',
    messages: [
      { role: 'user', content: 'the key is SECRET' },
      { role: 'assistant', content: 'ok', toolCalls: [] },
    ],
    tools: [],
    maxOutputTokens: 1,
  };
  const answer = await redacted.complete(request, { signal: new AbortController().signal, runId: 'r' });
  expect(JSON.stringify([answer, sent])).not.toContain('SECRET');
  expect(answer.toolCalls[0]!.args).toEqual({ path: 'a', content: '[redacted]', list: ['[redacted]', 1, null] });
  expect(redacted.maxPrice(request)).toBe(JSON.stringify(sent[0]!.messages).length);
});
