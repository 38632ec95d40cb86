import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type { HttpResponse, HttpRequest } from './github-http';
import { GIT_ENV } from './github-repositories';

interface Service {
  cmd: string;
  args: string[];
  type: string;
  createStream(): Duplex;
}
const backend = createRequire(import.meta.url)('git-http-backend') as (
  url: string,
  callback: (error: Error | null, service: Service) => void,
) => Duplex;

/** `/owner/name.git/...`, as requested by git. */
export const GIT_PATH = /^\/([^/]+\/[^/]+)\.git\/(info\/refs|git-upload-pack|git-receive-pack)$/;

export function isPush(request: HttpRequest): boolean {
  return request.path.endsWith('/git-receive-pack') || request.query.get('service') === 'git-receive-pack';
}

/** Serves one request of git's smart HTTP protocol from a bare repository with the installed git. */
export function serveGit(request: HttpRequest, folder: string): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let type = 'text/plain';
    const stream = backend(request.url, (error, service) => {
      if (error) return reject(error);
      type = service.type;
      const git = spawn(service.cmd, [...service.args, folder], { env: GIT_ENV });
      git.on('error', reject);
      git.stdin.on('error', () => {});
      git.stdout.pipe(service.createStream()).pipe(git.stdin);
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      const headers = { 'content-type': type, 'cache-control': 'no-cache, max-age=0, must-revalidate' };
      resolve({ status: 200, headers, body: Buffer.concat(chunks) });
    });
    stream.end(request.body);
  });
}
