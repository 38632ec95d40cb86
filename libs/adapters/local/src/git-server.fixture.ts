import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createGunzip } from 'node:zlib';

interface Service {
  cmd: string;
  args: string[];
  type: string;
  createStream(): Duplex;
}
type Backend = (url: string, callback: (error: Error | null, service: Service) => void) => Duplex;
const backend = createRequire(import.meta.url)('git-http-backend') as Backend;

/** A git server over HTTP for the bare repositories of a folder. Requires a password unless it is empty. */
export async function gitServer(folder: string) {
  const requests: string[] = [];
  const state = {
    url: '',
    password: 'right',
    requests,
    dropsResponses: false,
    redirectTo: '',
    close: () => Promise.resolve(),
  };
  const isAuthorized = (request: IncomingMessage) =>
    request.headers.authorization === basic(state.password) || state.password === '';

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(`${request.method} ${path} ${request.headers.authorization ?? '-'}`);
    if (state.redirectTo) return response.writeHead(301, { location: state.redirectTo + path }).end();
    if (!isAuthorized(request)) return response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    const zipped = request.headers['content-encoding'] === 'gzip';
    const body = zipped ? request.pipe(createGunzip()) : request;
    const output = body.pipe(
      backend(path, (error, service) => {
        if (error) return response.writeHead(404).end();
        response.setHeader('content-type', service.type);
        const program = spawn(service.cmd, [...service.args, join(folder, path.split('/')[1] ?? '')]);
        program.stdout.pipe(service.createStream()).pipe(program.stdin);
        if (!state.dropsResponses || request.method !== 'POST') return;
        output.unpipe(response).resume();
        program.on('close', () => request.socket.destroy());
      }),
    );
    output.pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  state.close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return state;
}

export function basic(password: string): string {
  return `Basic ${Buffer.from(`x-access-token:${password}`).toString('base64')}`;
}
