import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropicBody, anthropicEvents } from './anthropic-format';
import { embeddingsBody, type EmbeddingsRequest, type EmbeddingsScript } from './embeddings';
import { openaiBody, openaiEvents, toModelAnswer } from './openai-format';
import { validationError } from './request-validation';
import { parseRequest, scriptedTurn, type Script, type ScriptedRequest, type ScriptedTurn } from './script';

export interface ModelServer {
  /** Base address; OpenAI's API is below `/v1`. */
  url: string;
  /** All chat requests so far; `aborted` if the client disconnected before the response was complete. */
  calls: (ScriptedRequest & { aborted: boolean })[];
  /** All embedding requests so far. */
  embeddings: (EmbeddingsRequest & { input: string[]; authorization: string })[];
  /** Decides the response to an embedding request. */
  onEmbeddings: EmbeddingsScript;
  close(): Promise<void>;
}

/**
 * Starts a model server for tests with the chat and embeddings API of OpenAI and the messages API of Anthropic, with and without
 * streaming. It responds with scripted turns, and with vectors of the words of a text. It rejects requests that the providers reject, such
 * as a tool call without its result.
 */
export async function startModelServer(script: Script): Promise<ModelServer> {
  const server = createServer((request, response) => {
    const work = isEmbeddings(request)
      ? respondToEmbeddings(request, response, running)
      : respondToChat(request, response, script, running.calls);
    work.catch((error: Error) => response.writeHead(500).end(JSON.stringify({ error: { message: error.message } })));
  });
  const running: ModelServer = {
    url: '',
    calls: [],
    embeddings: [],
    onEmbeddings: () => null,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return running;
}

function isEmbeddings({ url = '' }: IncomingMessage): boolean {
  return url.split('?')[0] === '/v1/embeddings';
}

async function respondToEmbeddings(
  request: IncomingMessage,
  response: ServerResponse,
  server: ModelServer,
): Promise<void> {
  const body = JSON.parse(await textOf(request)) as EmbeddingsRequest;
  const parsed = { ...body, input: [body.input].flat() };
  server.embeddings.push({ ...parsed, authorization: request.headers.authorization ?? '' });
  const other = server.onEmbeddings(parsed);
  if (other === 'hang') return;
  // Like OpenAI, rejects an empty text.
  const status = parsed.input.some((text) => text === '') ? 400 : (other?.status ?? 200);
  const error = { error: { message: `scripted status ${status}`, type: 'scripted' } };
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status === 200 ? embeddingsBody(parsed) : error));
}

const PROVIDER_BY_PATH: Record<string, ScriptedRequest['provider']> = {
  '/v1/chat/completions': 'openai',
  '/v1/messages': 'anthropic',
};

async function respondToChat(
  request: IncomingMessage,
  response: ServerResponse,
  script: Script,
  calls: ModelServer['calls'],
): Promise<void> {
  const provider = PROVIDER_BY_PATH[(request.url ?? '').split('?')[0]!];
  if (!provider) return void response.writeHead(404).end('{}');
  const raw = await textOf(request);
  const body = JSON.parse(raw) as Parameters<typeof parseRequest>[1] & { stream?: boolean };
  const parsed = parseRequest(provider, body);
  const call = { ...parsed, aborted: false };
  calls.push(call);
  response.once('close', () => (call.aborted = !response.writableFinished));
  const invalid = validationError(provider, raw);
  const errorBody = { type: 'error', error: { type: 'invalid_request_error', message: invalid } };
  sendTurn(
    response,
    invalid ? { status: 400, body: errorBody } : await scriptedTurn(script, parsed),
    parsed,
    body.stream ?? false,
  );
}

function sendTurn(response: ServerResponse, turn: ScriptedTurn, parsed: ScriptedRequest, stream: boolean): void {
  if ('hang' in turn) return void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  if ('status' in turn) {
    const body = turn.body ?? { type: 'error', error: { type: 'scripted', message: `scripted status ${turn.status}` } };
    return void response
      .writeHead(turn.status, { 'content-type': 'application/json', ...turn.headers })
      .end(JSON.stringify(body));
  }
  const id = `msg_${parsed.turn}`;
  const half = 'halfStream' in turn;
  const answer = toModelAnswer(half ? { text: 'Half an' } : turn, parsed.turn);
  if (!stream) {
    const body = parsed.provider === 'openai' ? openaiBody(answer, id) : anthropicBody(answer, id);
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of parsed.provider === 'openai' ? openaiEvents(answer, id, half) : anthropicEvents(answer, id, half))
    response.write(event);
  response.end();
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
