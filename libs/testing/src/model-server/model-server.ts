import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropicBody, anthropicEvents } from './anthropic-format';
import { embeddingsBody, type EmbeddingsRequest, type EmbeddingsScript } from './embeddings';
import { openaiBody, openaiEvents, plainAnswer } from './openai-format';
import { validationError } from './request-validation';
import { readRequest, turnOf, type Script, type ScriptedRequest, type ScriptedTurn } from './script';

export interface ModelServer {
  /** Base address; OpenAI's API is below `/v1`. */
  url: string;
  /** Every request so far; `aborted` when the client went away before the answer was whole. */
  calls: (ScriptedRequest & { aborted: boolean })[];
  /** Every request for vectors so far. */
  embeddings: (EmbeddingsRequest & { input: string[]; authorization: string })[];
  /** Says when it is to answer a request for vectors otherwise. */
  onEmbeddings: EmbeddingsScript;
  close(): Promise<void>;
}

/**
 * A model server for tests: speaks OpenAI chat and embeddings and Anthropic messages, streamed and not. It answers by script, and
 * with vectors of the words of a text. What the real ones refuse, such as a call without its result, it refuses too.
 */
export async function startModelServer(script: Script): Promise<ModelServer> {
  const server = createServer((request, response) => {
    const work = isEmbeddings(request)
      ? embed(request, response, running)
      : answer(request, response, script, running.calls);
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

async function embed(request: IncomingMessage, response: ServerResponse, server: ModelServer): Promise<void> {
  const body = JSON.parse(await textOf(request)) as EmbeddingsRequest;
  const asked = { ...body, input: [body.input].flat() };
  server.embeddings.push({ ...asked, authorization: request.headers.authorization ?? '' });
  const other = server.onEmbeddings(asked);
  if (other === 'hang') return;
  // As OpenAI: a text that says nothing is refused.
  const status = asked.input.some((text) => text === '') ? 400 : (other?.status ?? 200);
  const error = { error: { message: `scripted status ${status}`, type: 'scripted' } };
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status === 200 ? embeddingsBody(asked) : error));
}

const PROVIDER_BY_PATH: Record<string, ScriptedRequest['provider']> = {
  '/v1/chat/completions': 'openai',
  '/v1/messages': 'anthropic',
};

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: Script,
  calls: ModelServer['calls'],
): Promise<void> {
  const provider = PROVIDER_BY_PATH[(request.url ?? '').split('?')[0]!];
  if (!provider) return void response.writeHead(404).end('{}');
  const raw = await textOf(request);
  const body = JSON.parse(raw) as Parameters<typeof readRequest>[1] & { stream?: boolean };
  const asked = readRequest(provider, body);
  const call = { ...asked, aborted: false };
  calls.push(call);
  response.once('close', () => (call.aborted = !response.writableFinished));
  const refusal = validationError(provider, raw);
  const refused = { type: 'error', error: { type: 'invalid_request_error', message: refusal } };
  play(response, refusal ? { status: 400, body: refused } : await turnOf(script, asked), asked, body.stream ?? false);
}

function play(response: ServerResponse, turn: ScriptedTurn, asked: ScriptedRequest, stream: boolean): void {
  if ('hang' in turn) return void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  if ('status' in turn) {
    const body = turn.body ?? { type: 'error', error: { type: 'scripted', message: `scripted status ${turn.status}` } };
    return void response
      .writeHead(turn.status, { 'content-type': 'application/json', ...turn.headers })
      .end(JSON.stringify(body));
  }
  const id = `msg_${asked.turn}`;
  const half = 'halfStream' in turn;
  const plain = plainAnswer(half ? { text: 'Half an' } : turn, asked.turn);
  if (!stream) {
    const body = asked.provider === 'openai' ? openaiBody(plain, id) : anthropicBody(plain, id);
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of asked.provider === 'openai' ? openaiEvents(plain, id, half) : anthropicEvents(plain, id, half))
    response.write(event);
  response.end();
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
