import type { ScriptedTurn } from './script';

/** A model response independent of the provider's format. */
export interface ModelAnswer {
  text: string;
  calls: { id: string; name: string; json: string }[];
  usage: { input: number; cacheRead: number; output: number };
}

/** Converts a scripted turn. Ids are derived from the turn number, so that equal requests get equal responses. */
export function toModelAnswer(turn: ScriptedTurn, number: number): ModelAnswer {
  if ('brokenJson' in turn)
    return {
      text: '',
      calls: [{ id: `call_${number}_0`, name: turn.brokenJson, json: '{"path": "a.txt", "oldText":' }],
      usage: { input: 10, cacheRead: 0, output: 5 },
    };
  const { text = '', toolCalls = [], usage } = turn as Extract<ScriptedTurn, { text?: string }>;
  return {
    text,
    calls: toolCalls.map(({ name, args }, i) => ({ id: `call_${number}_${i}`, name, json: JSON.stringify(args) })),
    usage: { input: 100, cacheRead: 0, output: 20, ...usage },
  };
}

/** Returns the events of a streamed OpenAI chat completion. */
export function openaiEvents(answer: ModelAnswer, id: string, half: boolean): string[] {
  const chunk = (delta: object, finish_reason: string | null = null) =>
    data({
      id,
      object: 'chat.completion.chunk',
      created: 0,
      model: 'scripted',
      choices: [{ index: 0, delta, finish_reason }],
    });
  const events = [chunk({ role: 'assistant', content: answer.text })];
  if (half) return events;
  answer.calls.forEach(({ id: callId, name, json }, index) => {
    const middle = Math.floor(json.length / 2);
    events.push(
      chunk({
        tool_calls: [{ index, id: callId, type: 'function', function: { name, arguments: json.slice(0, middle) } }],
      }),
    );
    events.push(chunk({ tool_calls: [{ index, function: { arguments: json.slice(middle) } }] }));
  });
  events.push(chunk({}, answer.calls.length > 0 ? 'tool_calls' : 'stop'));
  events.push(
    data({
      id,
      object: 'chat.completion.chunk',
      created: 0,
      model: 'scripted',
      choices: [],
      usage: openaiUsage(answer),
    }),
  );
  return [...events, 'data: [DONE]\n\n'];
}

export function openaiBody(answer: ModelAnswer, id: string): object {
  const tool_calls = answer.calls.map(({ id: callId, name, json }) => ({
    id: callId,
    type: 'function',
    function: { name, arguments: json },
  }));
  const message = { role: 'assistant', content: answer.text, ...(tool_calls.length > 0 ? { tool_calls } : {}) };
  return {
    id,
    object: 'chat.completion',
    created: 0,
    model: 'scripted',
    choices: [{ index: 0, message, finish_reason: tool_calls.length > 0 ? 'tool_calls' : 'stop' }],
    usage: openaiUsage(answer),
  };
}

function openaiUsage({ usage }: ModelAnswer) {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
  };
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
