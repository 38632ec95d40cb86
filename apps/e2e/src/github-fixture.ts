import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { git, GIT_ENV } from './github-repositories';
import { onEnd, temporaryFolder } from './resources';

const AUTHOR = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];

/** Creates a local repository with one commit on `main` and returns its path. */
export function repositoryWith(files: Record<string, string>): string {
  const path = temporaryFolder('github-spec');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: path, env: GIT_ENV });
  commit(path, files, 'Begin');
  return path;
}

/** Commits files and returns the commit. */
export function commit(path: string, files: Record<string, string>, message: string): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  const options = { cwd: path, env: GIT_ENV };
  execFileSync('git', ['add', '.'], options);
  execFileSync('git', [...AUTHOR, 'commit', '--quiet', '-m', message], options);
  return execFileSync('git', ['rev-parse', 'HEAD'], options).toString().trim();
}

export async function cloneOf(url: string, options: string[]): Promise<string> {
  const path = temporaryFolder('github-spec');
  await git(path, [...options, 'clone', '--quiet', url, '.']);
  return path;
}

/** Starts a server that records webhooks and responds with 202. */
export async function webhookReceiver() {
  const received: { id: string; body: string; signature: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const header = (name: string) => String(request.headers[name]);
      const body = Buffer.concat(chunks).toString();
      received.push({ id: header('x-github-delivery'), body, signature: header('x-hub-signature-256') });
      response.writeHead(202).end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onEnd(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/github`, received };
}
