/** The response of the scripted model in one turn. */
export type ScriptedTurn =
  | {
      text?: string;
      toolCalls?: { name: string; args: Record<string, unknown> }[];
      usage?: { input: number; cacheRead?: number; output: number };
    }
  | { status: number; body?: unknown; headers?: Record<string, string> }
  /** A call of the named tool with arguments that are not valid JSON. */
  | { brokenJson: string }
  /** Closes the connection in the middle of a streamed response. */
  | { halfStream: true }
  /** No response until the client disconnects. */
  | { hang: true };

export interface ScriptedRequest {
  provider: 'openai' | 'anthropic';
  /** Number of model responses in the conversation, from 0. A retry or a resumed run requests the same turn again. */
  turn: number;
  /** Text of all messages in order. */
  text: string;
  tools: string[];
}

export type Script = ScriptedTurn[] | ((request: ScriptedRequest) => ScriptedTurn | Promise<ScriptedTurn>);

interface RawMessage {
  role: string;
  content: unknown;
}

interface RawBody {
  messages: RawMessage[];
  system?: unknown;
  tools?: { name?: string; function?: { name: string } }[];
}

/** Parses the parts of a provider's request that a script needs. */
export function parseRequest(provider: ScriptedRequest['provider'], body: RawBody): ScriptedRequest {
  return {
    provider,
    turn: body.messages.filter(({ role }) => role === 'assistant').length,
    text: [body.system, ...body.messages.map(({ content }) => content)].map(textOf).join('\n'),
    tools: (body.tools ?? []).map((tool) => tool.name ?? tool.function?.name ?? ''),
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: string; content?: unknown }) => part.text ?? textOf(part.content)).join('\n');
}

export async function scriptedTurn(script: Script, request: ScriptedRequest): Promise<ScriptedTurn> {
  if (typeof script === 'function') return script(request);
  return script[request.turn] ?? { text: 'The script has no more turns.' };
}
