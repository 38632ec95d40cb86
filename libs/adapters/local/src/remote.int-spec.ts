import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError, DomainError, InvalidError, UnavailableError } from '@teko/domain';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { basic, gitServer } from './git-server.fixture';
import { LocalGitMirrors } from './mirrors';

const BRANCH = 'teko/1-x';
let folder: string;
let bare: string;
let server: Awaited<ReturnType<typeof gitServer>>;
let headers: string[];
let repository: { id: string; url: string };

/** Returns the headers in order, then repeats the last one. */
const credentials = { headerFor: async () => (headers.length > 1 ? headers.shift()! : headers[0]!) };
const mirrors = (source: typeof credentials | undefined = credentials) =>
  new LocalGitMirrors(join(folder, 'home'), source);

const run = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args], { cwd, stdio: 'pipe' })
    .toString()
    .trim();
const commit = (text: string) => {
  const work = join(folder, 'work');
  writeFileSync(join(work, 'a.txt'), text);
  run(work, 'add', '-A');
  run(work, 'commit', '-qm', text);
  run(work, 'push', '-q', 'origin', 'main');
  return run(work, 'rev-parse', 'HEAD');
};
const configOf = () => readFileSync(join(folder, 'home/repositories/r1.git/config'), 'utf8');
const posts = () => server.requests.filter((line) => line.startsWith('POST')).length;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'teko-remote-'));
  bare = join(folder, 'served.git');
  run(folder, 'init', '-q', '--bare', '--initial-branch=main', bare);
  for (const key of ['http.receivepack', 'uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant'])
    run(bare, 'config', key, 'true');
  run(folder, 'clone', '-q', bare, 'work');
  run(join(folder, 'work'), 'checkout', '-qB', 'main');
  commit('one');
  server = await gitServer(folder);
  headers = [basic('right')];
  repository = { id: 'r1', url: `${server.url}/served.git` };
});
afterEach(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

it('sends the credential only in requests, and never writes it to arguments or files', async () => {
  const log = join(folder, 'arguments.log');
  const path = process.env.PATH!;
  writeFileSync(join(folder, 'git'), `#!/bin/sh\necho "$@" >> ${log}\nPATH="${path}" exec git "$@"\n`, { mode: 0o755 });
  process.env.PATH = `${folder}:${path}`;
  try {
    const { headCommit } = await mirrors().sync(repository);
    await mirrors().push(repository, BRANCH, headCommit, null);
    expect(await mirrors().remoteCommit(repository, BRANCH)).toBe(headCommit);
  } finally {
    process.env.PATH = path;
  }
  expect(server.requests.some((line) => line.includes('receive-pack') && line.endsWith(basic('right')))).toBe(true);
  const written = readFileSync(log, 'utf8') + configOf();
  expect(written).toMatch(/push .*teko\/1-x/);
  for (const secret of ['right', basic('right').split(' ')[1]!]) expect(written).not.toContain(secret);
  expect(configOf()).not.toContain('promisor');
});

describe('a push', () => {
  it('updates a branch only from its expected commit, and sends nothing if it is up to date', async () => {
    const { headCommit } = await mirrors().sync(repository);
    await mirrors().push(repository, BRANCH, headCommit, null);
    const before = posts();
    await mirrors().push(repository, BRANCH, headCommit, null);
    await mirrors().push(repository, BRANCH, headCommit, '1'.repeat(40));
    expect(posts()).toBe(before);

    const next = commit('two');
    await mirrors().sync(repository);
    await expect(mirrors().push(repository, BRANCH, next, null)).rejects.toThrow(ConflictError);
    await expect(mirrors().push(repository, BRANCH, next, next)).rejects.toThrow(ConflictError);
    expect(run(bare, 'rev-parse', BRANCH)).toBe(headCommit);
    await mirrors().push(repository, BRANCH, next, headCommit);
    expect(run(bare, 'rev-parse', BRANCH)).toBe(next);
    run(bare, 'update-ref', '-d', `refs/heads/${BRANCH}`);
    await expect(mirrors().push(repository, BRANCH, headCommit, next)).rejects.toThrow(ConflictError);
    expect(await mirrors().remoteCommit(repository, BRANCH)).toBeNull();
  });

  it.each(['main', 'teko', 'teko/../main', 'refs/heads/main', 'teko/a:main', '--force'])(
    'is refused for branch %s',
    async (branch) => {
      const { headCommit } = await mirrors().sync(repository);
      await expect(mirrors().push(repository, branch, headCommit, null)).rejects.toThrow(InvalidError);
    },
  );

  it('succeeds if only the response was lost, and is not repeated', async () => {
    const { headCommit } = await mirrors().sync(repository);
    server.dropsResponses = true;
    await mirrors().push(repository, BRANCH, headCommit, null);
    server.dropsResponses = false;
    const before = posts();
    await mirrors().push(repository, BRANCH, headCommit, null);
    expect([posts(), run(bare, 'rev-parse', BRANCH)]).toEqual([before, headCommit]);
  });

  it('is not retried if a rule of the server refuses it', async () => {
    const { headCommit } = await mirrors().sync(repository);
    writeFileSync(join(bare, 'hooks/pre-receive'), '#!/bin/sh\necho no workflows here >&2\nexit 1\n', { mode: 0o755 });
    const pushed = await mirrors()
      .push(repository, BRANCH, headCommit, null)
      .catch((error: DomainError) => error);
    expect(pushed).toMatchObject({ code: 'forbidden', message: expect.stringContaining('no workflows here') });
  });
});

describe('a credential', () => {
  it('that has expired is replaced once', async () => {
    const { headCommit } = await mirrors().sync(repository);
    headers = [basic('expired'), basic('right')];
    await mirrors().push(repository, BRANCH, headCommit, null);
    expect(await mirrors().remoteCommit(repository, BRANCH)).toBe(headCommit);
  });

  it('that is wrong, or an unreachable server, is reported as unavailable forge without the secret', async () => {
    const { headCommit } = await mirrors().sync(repository);
    const calls = () => [
      mirrors().push(repository, BRANCH, headCommit, null),
      mirrors().remoteCommit(repository, BRANCH),
      mirrors().sync(repository),
    ];
    headers = [basic('a-wrong-secret')];
    for (const error of await Promise.all(calls().map((call) => call.catch((thrown: unknown) => thrown)))) {
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ service: 'forge', remedy: expect.stringContaining('credential') });
      for (const secret of ['a-wrong-secret', headers[0]!.split(' ')[1]!]) expect(String(error)).not.toContain(secret);
    }
    await server.close();
    await Promise.all(calls().map((call) => expect(call).rejects.toMatchObject({ service: 'forge' })));
  });

  it('is not sent to the target of a redirect', async () => {
    const other = await gitServer(folder);
    onTestFinished(() => other.close());
    server.redirectTo = other.url;
    await expect(mirrors().sync(repository)).rejects.toMatchObject({ service: 'forge' });
    expect(other.requests).toEqual([]);
  });

  it('completes a mirror that was a partial clone', async () => {
    server.password = '';
    await new LocalGitMirrors(join(folder, 'home')).sync(repository);
    expect(configOf()).toContain('promisor');
    server.password = 'right';
    const { headCommit } = await mirrors().sync(repository);
    expect(configOf()).not.toContain('promisor');
    await server.close();
    expect(await mirrors().readFile('r1', headCommit, 'a.txt', 10)).toBe('one');
  });
});

it('syncs a renamed repository', async () => {
  await mirrors().sync(repository);
  renameSync(bare, join(folder, 'renamed.git'));
  run(join(folder, 'work'), 'remote', 'set-url', 'origin', join(folder, 'renamed.git'));
  const next = commit('two');
  const renamed = { ...repository, url: `${server.url}/renamed.git` };
  expect((await mirrors().sync(renamed)).headCommit).toBe(next);
});
