import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { LIMITS, openSession, ownSession, sleeper, text, WAIT, type Driver, type OpenSession } from './driver.fixture';

function folderWith(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'teko-mount-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'name'), name);
  return folder;
}

/** Commands are run and measured from the host. Holds for every driver. */
export function commandContract({ sandbox }: Driver): void {
  describe('commands', () => {
    let open: OpenSession;
    beforeAll(async () => {
      open = await openSession(sandbox);
    });
    afterAll(() => open.close());

    it('runs with input, environment and working directory, and returns exit code and output', async () => {
      await open.session.writeFile('sub/in.txt', 'hello');
      const script = 'cat; basename $PWD; echo "$X"; cat in.txt >&2; exit 3';
      const result = await open.bash(script, { cwd: 'sub', stdin: 'input ', env: { X: `a\n'b"$HOME` } });
      expect(result).toMatchObject({ code: 3, signal: null, timedOut: false, limit: null });
      expect(result.head).toBe('input sub\na\n\'b"$HOME\nhello');
      expect(result.totalBytes).toBe(result.head.length);
    });

    it.each<[string, string, number]>([
      ['an exit code', 'exit 255', 255],
      ['an exit code that overflows', 'exit 257', 1],
      ['an exit code that looks like a signal', 'exit 137', 137],
      ['a kill by itself', 'kill -9 $$', 137],
      ['the exit code of the command, not of its children', '(exit 0) & (exit 1)', 1],
      ['closed output', 'exec >&- 2>&-; exit 4', 4],
      ['unread input', 'exit 5', 5],
      ['an error text of the sandbox', 'echo "bwrap: execvp x: No such file or directory" >&2; exit 1', 1],
    ])('reports %s', async (_name, script, code) => {
      expect(await open.bash(script, { stdin: 'x'.repeat(300_000) })).toMatchObject({ code, limit: null });
    });

    it.each<[string, string[], object, number]>([
      ['a program that does not exist', ['no-such-program'], {}, 127],
      ['a folder that does not exist', ['true'], { cwd: 'missing' }, 127],
      ['an argument that is too long', ['true', 'x'.repeat(200_000)], {}, 126],
    ])('reports %s like a shell', async (_name, argv, options, code) => {
      expect((await open.session.exec(argv, options)).code).toBe(code);
    });

    it.each<[string, string[], object]>([
      ['no command', [], {}],
      ['a null byte', ['echo', 'a\0b'], {}],
      ['a folder outside the workspace', ['true'], { cwd: '../x' }],
      ['an invalid name of a mount', ['true'], { mounts: { '../x': '/usr' } }],
    ])('refuses %s', async (_name, argv, options) => {
      await expect(open.session.exec(argv, options)).rejects.toThrow(/required|null byte|outside|valid name/);
    });

    it('kills a command and its children on timeout, even if they are stopped or ignore signals', async () => {
      const { command, running } = sleeper();
      const script = `trap "" TERM INT HUP; ${command} & (kill -STOP $BASHPID) & ${command}`;
      expect(await open.bash(script, { timeoutMs: 400 })).toMatchObject({ code: null, timedOut: true, limit: null });
      await vi.waitFor(() => expect(running()).toBe(0), WAIT);
    });

    it('leaves no process behind when a command has ended, not even a daemon that closed its output', async () => {
      const { command, running } = sleeper();
      const daemon = `setsid -f bash -c 'exec </dev/null >/dev/null 2>&1; ${command} & while :; do date +%N > ticks; done'`;
      const { code, durationMs } = await open.bash(`${daemon}; until [ -s ticks ]; do :; done; exit 6`);
      expect(code).toBe(6);
      expect(running()).toBe(0);
      const ticks = (await open.session.readFile('ticks')).content;
      expect((await open.session.readFile('ticks')).content).toEqual(ticks);
      expect(durationMs).toBeLessThan(30_000);
    });

    it('kills a command on abort', async () => {
      const stop = new AbortController();
      const { seconds, running } = sleeper();
      const result = open.session.exec(['sleep', seconds], { signal: stop.signal });
      await vi.waitFor(() => expect(running()).toBe(1), WAIT);
      stop.abort();
      await expect(result).rejects.toThrow();
      expect(running()).toBe(0);
      await expect(open.session.exec(['true'], { signal: stop.signal })).rejects.toThrow();
    });

    it('kills running commands when the session is closed, and deletes its temporary folder', async () => {
      const own = await ownSession(sandbox);
      const { seconds, running } = sleeper();
      const result = own.session.exec(['sleep', seconds]).catch((error: Error) => error);
      await vi.waitFor(() => expect(running()).toBe(1), WAIT);
      await own.session.close();
      expect(await result).toMatchObject({ code: 'unavailable' });
      expect(running()).toBe(0);
      await expect(own.bash('true')).rejects.toMatchObject({ code: 'unavailable' });
      expect(readdirSync(dirname(own.workspace))).toEqual(['workspace']);
    });

    it('keeps files of the workspace and of temporary folders for later commands', async () => {
      await open.bash('echo tool > ~/tool; echo data > "$TMPDIR/data"; umask > kept');
      expect(await open.outputOf('cat ~/tool "$TMPDIR/data" kept')).toBe('tool\ndata\n0022');
    });

    it('returns head and tail of long output, and kills a command with endless output or errors', async () => {
      const long = await open.bash('seq 1 100000');
      expect(long.head.startsWith('1\n2\n')).toBe(true);
      expect(long.tail.endsWith('100000\n')).toBe(true);
      expect(long.head.length + long.tail.length).toBeLessThanOrEqual(LIMITS.outputBytes);
      for (const script of ['yes', 'yes >&2'])
        expect(await open.bash(script)).toMatchObject({ limit: 'output', code: null, timedOut: false });
    });

    it('returns the complete output of a command, or says why there is none', async () => {
      const { session } = open;
      const bytes = await session.output(['bash', '-c', 'echo error >&2; printf "\\0\\xff\\n"'], { maxBytes: 100 });
      expect(bytes).toEqual(Buffer.from([0, 255, 10]));
      for (const [script, reason] of [
        ['echo why >&2; exit 2', /exit code 2: why/],
        ['seq 1000', /more than 100 bytes/],
        ['no-such-program', /127/],
        ['sleep 60', /too long/],
      ] as const)
        await expect(
          session.output(['bash', '-c', script], { maxBytes: 100, timeoutMs: script === 'sleep 60' ? 200 : 60_000 }),
        ).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(reason) });
    });

    it('runs commands at the same time, each with its own output', async () => {
      const results = await Promise.all(
        ['a', 'b', 'c'].map((name) => open.bash(`echo ${name}; sleep 0.05; echo ${name}`)),
      );
      expect(results.map(text)).toEqual(['a\na', 'b\nb', 'c\nc']);
    });

    it('shows folders of the host to one command only, read-only, although their parents are private', async () => {
      const parent = mkdtempSync(join(tmpdir(), 'teko-mount-'));
      onTestFinished(() => rmSync(parent, { recursive: true }));
      mkdirSync(join(parent, 'runner'), { mode: 0o700 });
      writeFileSync(join(parent, 'runner', 'run.sh'), 'echo mounted', { mode: 0o600 });
      const mounts = { runner: join(parent, 'runner') };
      const run = 'sh /teko/runner/run.sh; echo x > /teko/runner/x';
      const result = await open.bash(`${run} || true`, { mounts });
      expect(result.head).toMatch(/^mounted\n/);
      expect((await open.session.exec(['cat', '/teko/runner/run.sh'], { mounts })).head).toBe('echo mounted');
      const [other] = await Promise.all([
        open.bash('sleep 0.1; cat /teko/runner/name', { mounts: { runner: folderWith('other') } }),
        open.bash('true', { mounts }),
      ]);
      expect(text(other), 'commands at the same time have their own').toBe('other');
      if (sandbox.kind === 'unsafe-host') return;
      expect(readdirSync(join(parent, 'runner'))).toEqual(['run.sh']);
      expect((await open.bash('ls /teko')).code).not.toBe(0);
    });
  });
}
