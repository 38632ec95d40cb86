import { AIMessageChunk } from '@langchain/core/messages';
import { expect, it } from 'vitest';
import { fromLangChain } from './messages';

const FINISHED = { finish_reason: 'tool_calls' };

it.each([
  ['{"path":"a"}', { path: 'a' }],
  ['', {}],
  ['[1]', null],
  [`{"path":${'['.repeat(90_000)}${']'.repeat(90_000)}}`, null],
  [`${'{"a":'.repeat(101)}1${'}'.repeat(101)}`, null],
])('arguments of tools are JSON objects of bounded depth: %.20s', (args, expected) => {
  // LangChain parses the chunks too, unless they are set afterwards.
  const chunk = new AIMessageChunk({ content: '', response_metadata: FINISHED });
  chunk.tool_call_chunks = [{ id: '1', name: 'read_file', args, index: 0, type: 'tool_call_chunk' }];
  expect(fromLangChain(chunk)!.toolCalls[0]).toMatchObject({ args: expected });
});

it('LangChain itself survives deep arguments', () => {
  const args = '{"a":'.repeat(90_000);
  const chunk = new AIMessageChunk({
    content: '',
    response_metadata: FINISHED,
    tool_call_chunks: [{ id: '1', name: 'read_file', args, index: 0, type: 'tool_call_chunk' }],
  });
  expect(fromLangChain(chunk)!.toolCalls[0]?.args).toBeNull();
});
