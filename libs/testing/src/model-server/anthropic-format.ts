import type { ModelAnswer } from './openai-format';

/** Returns the events of a streamed Anthropic message. */
export function anthropicEvents(answer: ModelAnswer, id: string, half: boolean): string[] {
  const start = { ...message(answer, id), content: [], stop_reason: null };
  const events = [event('message_start', { message: { ...start, usage: { ...usage(answer), output_tokens: 0 } } })];
  let index = 0;
  if (answer.text || half) {
    events.push(event('content_block_start', { index, content_block: { type: 'text', text: '' } }));
    events.push(event('content_block_delta', { index, delta: { type: 'text_delta', text: answer.text || 'Half an' } }));
    if (half) return events;
    events.push(event('content_block_stop', { index: index++ }));
  }
  for (const { id: callId, name, json } of answer.calls) {
    const middle = Math.floor(json.length / 2);
    events.push(
      event('content_block_start', { index, content_block: { type: 'tool_use', id: callId, name, input: {} } }),
    );
    for (const partial_json of [json.slice(0, middle), json.slice(middle)])
      events.push(event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json } }));
    events.push(event('content_block_stop', { index: index++ }));
  }
  events.push(
    event('message_delta', {
      delta: { stop_reason: stopReason(answer), stop_sequence: null },
      usage: { output_tokens: answer.usage.output },
    }),
  );
  return [...events, event('message_stop', {})];
}

export function anthropicBody(answer: ModelAnswer, id: string): object {
  return message(answer, id);
}

function message(answer: ModelAnswer, id: string) {
  const text = answer.text ? [{ type: 'text', text: answer.text }] : [];
  const calls = answer.calls.map(({ id: callId, name, json }) => ({
    type: 'tool_use',
    id: callId,
    name,
    input: JSON.parse(json === '' || !json.endsWith('}') ? '{}' : json) as object,
  }));
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: 'scripted',
    content: [...text, ...calls],
    stop_reason: stopReason(answer),
    stop_sequence: null,
    usage: usage(answer),
  };
}

/** Anthropic counts cached tokens separately from the other input tokens. */
function usage({ usage: { input, cacheRead, output } }: ModelAnswer) {
  return {
    input_tokens: input - cacheRead,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: 0,
    output_tokens: output,
  };
}

function stopReason(answer: ModelAnswer): string {
  return answer.calls.length > 0 ? 'tool_use' : 'end_turn';
}

function event(type: string, value: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;
}
