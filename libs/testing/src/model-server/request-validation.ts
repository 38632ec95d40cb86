import type { ScriptedRequest } from './script';

interface Part {
  type: string;
  text?: string;
  id?: string;
  tool_use_id?: string;
}

interface Message {
  role: string;
  content?: string | Part[] | null;
  tool_calls?: { id: string }[];
  tool_call_id?: string;
}

/** Returns the error with which the provider would reject a request, or null if it is valid. */
export function validationError(provider: ScriptedRequest['provider'], raw: string): string | null {
  // An escaped lone surrogate is valid JSON, but every provider rejects it.
  if (/\p{Surrogate}/u.test(raw.replace(/\\(?:u([0-9a-f]{4})|[^])/gi, unescaped)))
    return 'the request body is not valid JSON: no low surrogate in string';
  const { messages } = JSON.parse(raw) as { messages: Message[] };
  return provider === 'anthropic' ? anthropicError(messages) : openaiError(messages);
}

/** Other escapes stay, so that an escaped backslash before `u` is not taken for one. */
function unescaped(escape: string, hex: string | undefined): string {
  return hex === undefined ? escape : String.fromCharCode(parseInt(hex, 16));
}

function anthropicError(messages: Message[]): string | null {
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  for (const [i, message] of messages.entries()) {
    const parts = partsOf(message);
    const isLast = i === messages.length - 1;
    if (parts.length === 0 && !isLast) return `messages.${i}: all messages must have non-empty content`;
    if (parts.some(({ type, text = '' }) => type === 'text' && text.trim() === ''))
      return `messages.${i}: text content blocks must contain non-whitespace text`;
    const called = parts.flatMap(({ type, id }) => (type === 'tool_use' ? [id] : []));
    const next = messages[i + 1] ? partsOf(messages[i + 1]!) : [];
    const answered = next.flatMap(({ type, tool_use_id: id }) => (type === 'tool_result' ? [id] : []));
    if (!isLast && !sameSet(called, answered))
      return `messages.${i}: each tool_use must have its tool_result in the next message, and no other may be there`;
  }
  return null;
}

function partsOf({ content }: Message): Part[] {
  if (Array.isArray(content)) return content;
  return content ? [{ type: 'text', text: content }] : [];
}

function openaiError(messages: Message[]): string | null {
  for (const [i, { role, tool_calls: calls = [] }] of messages.entries()) {
    if (role === 'tool') continue;
    const end = messages.findIndex((message, n) => n > i && message.role !== 'tool');
    const results = messages.slice(i + 1, end < 0 ? messages.length : end);
    const answered = results.map(({ tool_call_id: id }) => id);
    if (
      i === messages.length - 1 ||
      sameSet(
        calls.map(({ id }) => id),
        answered,
      )
    )
      continue;
    return `messages.${i}: each of tool_calls must be followed by its tool message, and no other may follow`;
  }
  return null;
}

function sameSet(a: (string | undefined)[], b: (string | undefined)[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
