import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  /** Including the query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}
export interface FakeResponse {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Closes the connection before the response, or in the middle of it. */
  drop?: 'before' | 'middle';
  /** Never responds. */
  silent?: boolean;
}
type FakeHandler = FakeResponse | ((request: ReceivedRequest) => FakeResponse);

export const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

/** A fake GitHub with responses set by the test. Several responses for a route are sent in order, and the last one is repeated. */
export async function fakeGithub() {
  const requests: ReceivedRequest[] = [];
  const routes = new Map<string, FakeHandler[]>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const [method, path] = [request.method!, request.url!];
      const received = { method, path, headers: request.headers, body: text ? JSON.parse(text) : {} };
      requests.push(received);
      const responses = routes.get(`${method} ${path}`) ?? routes.get(`${method} ${path.split('?')[0]}`) ?? [];
      const next = (responses.length > 1 ? responses.shift() : responses[0]) ?? {
        status: 404,
        body: { message: 'Not Found' },
      };
      const configured = typeof next === 'function' ? next(received) : next;
      if (configured.silent) return;
      if (configured.drop === 'before') return request.socket.destroy();
      const json = typeof configured.body === 'string' ? configured.body : JSON.stringify(configured.body ?? {});
      const type = typeof configured.body === 'string' ? 'text/plain' : 'application/json; charset=utf-8';
      const status = configured.status ?? 200;
      response.writeHead(status, { 'content-type': type, 'content-length': json.length + 1, ...configured.headers });
      if (configured.drop === 'middle') return response.write(json.slice(0, 5), () => request.socket.destroy());
      response.end(status === 304 ? undefined : `${json} `);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    /** Sets the responses to `METHOD /path`, with or without the query. */
    on: (route: string, ...responses: FakeHandler[]) => void routes.set(route, responses),
    /** Returns how many such requests were received. */
    count: (method: string, path: string) =>
      requests.filter((one) => one.method === method && one.path.split('?')[0] === path).length,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
export type FakeGithub = Awaited<ReturnType<typeof fakeGithub>>;
