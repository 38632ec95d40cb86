import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { ConflictError, DomainError, InvalidError, UnavailableError } from '@teko/domain';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { basic, gitServer } from './git-server.fixture';
import { git, tryGit } from './git';
import { LocalGitMirrors } from './mirrors';
import { SourceRules, UNREADABLE, type SourceOptions } from './source-rules';

Logger.overrideLogger(['error']);

const BRANCH = 'teko/1-x';
let folder: string;
let bare: string;
let server: Awaited<ReturnType<typeof gitServer>>;
let headers: string[];
let repository: { id: string; url: string };

/** Returns the headers in order, then repeats the last one. */
const credentials = { headerFor: async () => (headers.length > 1 ? headers.shift()! : headers[0]!) };
const mirrors = (source: typeof credentials | undefined = credentials) =>
  new LocalGitMirrors(join(folder, 'home'), source, { hosts: ['127.0.0.1'] });

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
    // As earlier versions cloned repositories without a credential.
    const dir = join(folder, 'home/repositories/r1.git');
    server.password = '';
    await git(['clone', '-q', '--bare', '--filter=blob:none', repository.url, dir], {
      settings: [['protocol.http.allow', 'always']],
    });
    expect(configOf()).toContain('promisor');
    await expect(mirrors().readFile('r1', commit('two'), 'a.txt', 10)).rejects.toThrow(UnavailableError);
    server.password = 'right';
    const { headCommit } = await mirrors().sync(repository);
    expect(configOf()).not.toContain('promisor');
    await server.close();
    expect(await mirrors().readFile('r1', headCommit, 'a.txt', 10)).toBe('two');
  });
});

describe('a server', () => {
  const publicHost = (address: string) => ({ lookup: async () => [{ address }] });
  const anonymous = (sources: Omit<SourceOptions, 'home'>) =>
    new LocalGitMirrors(join(folder, 'home'), undefined, sources);

  it('is not connected to if its address is private, and every failure has the same text', async () => {
    server.password = '';
    const { port } = new URL(server.url);
    const closed = 'http://closed.example:1/served.git';
    const name = `http://rebound.example:${port}/served.git`;
    const refused = anonymous(publicHost('127.0.0.1'));
    const errors = await Promise.all([
      refused.checkUrl(name).catch((error: unknown) => error),
      refused.checkUrl(closed).catch((error: unknown) => error),
      anonymous({ lookup: () => Promise.reject(new Error('ENOTFOUND')) })
        .checkUrl(name)
        .catch((error: unknown) => error),
      anonymous({ hosts: [`127.0.0.1:${port}`] })
        .checkUrl(`${server.url}/missing.git`)
        .catch((error: unknown) => error),
      anonymous({})
        .checkUrl(join(folder, 'missing'))
        .catch((error: unknown) => error),
    ]);
    for (const error of errors) expect(error).toEqual(new InvalidError({ url: UNREADABLE }));
    await expect(refused.sync({ id: 'r1', url: name })).rejects.toThrow(UNREADABLE);
    await expect(refused.remoteCommit({ id: 'r1', url: name }, BRANCH)).rejects.toThrow(UNREADABLE);
    await expect(refused.push({ id: 'r1', url: name }, BRANCH, '1'.repeat(40), null)).rejects.toThrow(UNREADABLE);
    expect(server.requests.filter((line) => !line.includes('missing'))).toEqual([]);
  });

  it('is reached at the address that was checked, not at what its name resolves to later', async () => {
    const rules = new SourceRules({ home: folder, ...publicHost('93.184.215.14') });
    const { settings } = await rules.target('http://git.example:8080/x.git');
    expect(settings).toContainEqual(['http.curloptResolve', 'git.example:8080:93.184.215.14']);
    const { port } = new URL(server.url);
    const pinned = settings.map(([key]): [string, string] =>
      key === 'http.curloptResolve' ? [key, `git.example:${port}:127.0.0.1`] : [key, 'false'],
    );
    server.password = '';
    const listed = await tryGit(['ls-remote', `http://git.example:${port}/served.git`], {
      settings: [...pinned, ['protocol.http.allow', 'always']],
    });
    expect([listed.code, server.requests.length > 0]).toEqual([0, true]);
  });

  it('cannot redirect git, not even to itself', async () => {
    const other = await gitServer(folder);
    onTestFinished(() => other.close());
    [server.password, other.password, server.redirectTo] = ['', '', other.url];
    const hosts = { hosts: ['127.0.0.1'] };
    await expect(anonymous(hosts).checkUrl(repository.url)).rejects.toThrow(UNREADABLE);
    await expect(anonymous(hosts).sync(repository)).rejects.toThrow(UNREADABLE);
    expect(other.requests).toEqual([]);
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
