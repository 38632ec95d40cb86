import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}
export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** The connection ends before the answer, or in the middle of it. */
  drop?: 'before' | 'middle';
  /** Nothing is ever said. */
  silent?: boolean;
}
type Answering = Answer | ((seen: Seen) => Answer);

export const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

/** A GitHub that says what the test tells it to; of several answers to a route one after the other, the last for ever. */
export async function fakeGithub() {
  const seen: Seen[] = [];
  const routes = new Map<string, Answering[]>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const [method, path] = [request.method!, request.url!];
      const at = { method, path, headers: request.headers, body: text ? JSON.parse(text) : {} };
      seen.push(at);
      const answers = routes.get(`${method} ${path}`) ?? routes.get(`${method} ${path.split('?')[0]}`) ?? [];
      const next = (answers.length > 1 ? answers.shift() : answers[0]) ?? {
        status: 404,
        body: { message: 'Not Found' },
      };
      const answer = typeof next === 'function' ? next(at) : next;
      if (answer.silent) return;
      if (answer.drop === 'before') return request.socket.destroy();
      const json = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
      const type = typeof answer.body === 'string' ? 'text/plain' : 'application/json; charset=utf-8';
      const status = answer.status ?? 200;
      response.writeHead(status, { 'content-type': type, 'content-length': json.length + 1, ...answer.headers });
      if (answer.drop === 'middle') return response.write(json.slice(0, 5), () => request.socket.destroy());
      response.end(status === 304 ? undefined : `${json} `);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    /** What is answered to `METHOD /path`, with or without the query. */
    on: (route: string, ...answers: Answering[]) => void routes.set(route, answers),
    /** How often this was asked. */
    count: (method: string, path: string) =>
      seen.filter((one) => one.method === method && one.path.split('?')[0] === path).length,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
export type FakeGithub = Awaited<ReturnType<typeof fakeGithub>>;
