import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxLimits, SandboxSession } from '@teko/domain';
import { processesWithArgument } from '@teko/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BubblewrapSandbox } from './bubblewrap';

const MB = 1024 * 1024;
const LIMITS: SandboxLimits = {
  memoryBytes: 400 * MB,
  diskBytes: 64 * MB,
  files: 10_000,
  processes: 64,
  commandTimeoutMs: 10_000,
  outputBytes: 4096,
  outputKillBytes: MB,
};
const CANARY = 'canary-of-the-host-7f3a';
/** Generous: ends only a test that hangs. */
const WAIT = { timeout: 60_000 };

const sandbox = new BubblewrapSandbox();
const missing = await sandbox.unavailableReason();
if (missing && process.env.CI) throw new Error(missing);

/** A sleep command with a unique duration, and a function that counts its processes on this host. */
function sleeper(): { command: string; seconds: string; running: () => number } {
  const seconds = `987.${randomInt(1e9)}`;
  const running = () =>
    processesWithArgument(seconds).filter(({ command }) => command.join(' ') === `sleep ${seconds}`).length;
  return { command: `sleep ${seconds}`, seconds, running };
}

describe.skipIf(missing)(missing ? `skipped: ${missing}` : 'bubblewrap', () => {
  let folder: string;
  let session: SandboxSession;
  let server: Server;
  const bash = (command: string, options: Parameters<SandboxSession['exec']>[1] = {}) =>
    session.exec(['bash', '-c', command], options);
  const outputOf = async (command: string) => {
    const { head, tail } = await bash(command);
    return (head + tail).trim();
  };

  beforeAll(async () => {
    process.env.TEKO_TEST_SECRET = CANARY;
    server = createServer((_request, response) => response.end(CANARY)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => {
    delete process.env.TEKO_TEST_SECRET;
    server.close();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'teko-sandbox-'));
    mkdirSync(join(folder, 'workspace'));
    session = await sandbox.open({ runId: 'run', workspace: join(folder, 'workspace'), limits: LIMITS });
  });
  afterEach(async () => {
    await session?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('runs commands with input, environment and working directory, and returns their exit code', async () => {
    await session.writeFile('sub/in.txt', 'hello');
    const result = await session.exec(['bash', '-c', 'cat; pwd; echo $X; cat in.txt >&2; exit 3'], {
      cwd: 'sub',
      stdin: 'input ',
      env: { X: 'x' },
    });
    expect(result).toMatchObject({ code: 3, timedOut: false });
    expect(result.head).toBe('input /workspace/sub\nx\nhello');
    expect((await session.exec(['no-such-program'])).code).toBe(127);
  });

  it('has no network access, not even to the loopback interface of the host', async () => {
    const { port } = server.address() as AddressInfo;
    const reach = `exec 3<>/dev/tcp/127.0.0.1/${port}`;
    expect(spawnSync('bash', ['-c', reach]).status, 'the host reaches it').toBe(0);
    expect((await bash(reach)).code).not.toBe(0);
    expect(await outputOf('cat /proc/net/route | wc -l')).toBe('1');
  });

  it('hides environment, secrets, processes and files of the host', async () => {
    expect(await outputOf('env; cat /proc/*/environ | tr "\\0" "\\n"')).not.toContain(CANARY);
    expect(await outputOf('cat /etc/shadow /root/.npmrc 2>&1')).not.toMatch(/root:[*$!]|registry/);
    expect(await outputOf('ls /home /root /var 2>/dev/null')).toBe('');
    expect(await outputOf('id -u')).not.toBe('0');
  });

  it('writes only to the workspace and to temporary folders of limited size', async () => {
    for (const path of ['/x', '/usr/x', '/etc/x', '/proc/sys/kernel/x', '/var/x'])
      expect((await bash(`echo x > ${path}`)).code).not.toBe(0);
    // Settings of the sandbox's own IPC and PID namespaces can be writable; those of the host must not be.
    const writable = (await outputOf('find /proc/sys -type f -writable -printf "%f\\n"')).split('\n').filter(Boolean);
    expect(
      writable.filter(
        (name) => !/^(ns_last_pid|pid_max|auto_msgmni|msg|sem|shm|mq_|queues_max|msg_|msgsize)/.test(name),
      ),
    ).toEqual([]);
    expect((await bash('echo x > ok && echo x > /tmp/ok')).code).toBe(0);
    expect((await bash('head -c 1G /dev/zero > /dev/shm/x')).code).not.toBe(0);
  });

  it('cannot create namespaces', async () => {
    expect((await bash('unshare --user true')).code).not.toBe(0);
  });

  it('restricts file access to the workspace, even through symbolic links', async () => {
    symlinkSync('/etc/passwd', join(folder, 'workspace', 'link'));
    symlinkSync('/tmp', join(folder, 'workspace', 'dir'));
    await expect(session.readFile('link')).rejects.toThrow(/outside/);
    await expect(session.readFile('../../etc/passwd')).rejects.toThrow(/outside/);
    const name = `teko-${randomInt(1e9)}`;
    await expect(session.writeFile(`dir/${name}`, 'x')).rejects.toThrow(/outside/);
    expect(existsSync(`/tmp/${name}`)).toBe(false);
  });

  it('lists files and reads binary content', async () => {
    await session.writeFile('a/b.bin', Buffer.from([0, 255, 10]));
    expect((await session.readFile('a/b.bin')).content).toEqual(Buffer.from([0, 255, 10]));
    expect(await session.list('.', { depth: 2 })).toEqual([
      { path: 'a', type: 'dir', bytes: 0 },
      { path: 'a/b.bin', type: 'file', bytes: 3 },
    ]);
  });

  it('kills a command and its child processes on timeout', async () => {
    const { command, running } = sleeper();
    const result = await bash(`${command} & ${command}`, { timeoutMs: 300 });
    expect(result.timedOut).toBe(true);
    await vi.waitFor(() => expect(running()).toBe(0), WAIT);
  });

  it('leaves no process behind, not even a daemon', async () => {
    const { command, running } = sleeper();
    await bash(`setsid -f ${command}`);
    await vi.waitFor(() => expect(running()).toBe(1), WAIT);
    await session.close();
    await vi.waitFor(() => expect(running()).toBe(0), WAIT);
  });

  it('kills a command on abort', async () => {
    const stop = new AbortController();
    const { seconds, running } = sleeper();
    const result = session.exec(['sleep', seconds], { signal: stop.signal });
    await vi.waitFor(() => expect(running()).toBe(1), WAIT);
    stop.abort();
    await expect(result).rejects.toThrow();
    await vi.waitFor(() => expect(running()).toBe(0), WAIT);
  });

  it('returns head and tail of long output, and kills a command with endless output', async () => {
    const long = await bash('seq 1 100000');
    expect(long.head.startsWith('1\n2\n')).toBe(true);
    expect(long.tail.endsWith('100000\n')).toBe(true);
    expect(long.head.length + long.tail.length).toBeLessThanOrEqual(LIMITS.outputBytes);
    expect(await bash('yes')).toMatchObject({ limit: 'output', code: null });
  });

  it('survives a fork bomb', async () => {
    await bash(':(){ :|:& };:', { timeoutMs: 2_000 });
    await vi.waitFor(async () => expect(await outputOf('echo alive')).toBe('alive'), WAIT);
  });

  it('survives a process that exhausts its memory', async () => {
    const hog = await session.exec([process.execPath, '-e', 'const a=[];for(;;)a.push(Buffer.alloc(1e7,1))']);
    expect(hog.code).not.toBe(0);
    expect(await outputOf('echo alive')).toBe('alive');
  });

  it('enforces the disk limit for one large file and for many small ones', async () => {
    expect((await bash('head -c 1G /dev/zero > big')).code).not.toBe(0);
    await expect(bash('while :; do head -c 4M /dev/zero > $RANDOM$RANDOM; done')).rejects.toThrow();
    await expect(bash('true')).rejects.toThrow();
  });

  it('exports a change as a bundle', async () => {
    await bash(
      'git init -q -b w && git config user.name t && git config user.email t@t && git commit -q --allow-empty -m 1 && echo x > f && git add f && git commit -qm 2',
    );
    expect((await session.bundle('HEAD~1', 'w')).subarray(0, 6).toString()).toBe('# v2 g');
    await expect(session.bundle('nothing', 'w')).rejects.toThrow(/cannot bundle/);
  });
});
