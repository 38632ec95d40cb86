import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LIMITS, openSession, ownSession, text, type Driver, type OpenSession } from './driver.fixture';

const CANARY = 'canary-of-the-host-7f3a';
const OTHERS = `$(ls /proc | grep -E '^[0-9]+$' | grep -vxE "$$|1")`;
/** Calls a system call by its x86_64 number and prints the name of its error, or its result. */
const call = (number: number, ...args: (number | string)[]) =>
  `import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
result = libc.syscall(${[number, ...args].join(', ')})
print(errno.errorcode[ctypes.get_errno()] if result == -1 else result)`;

/** Attempts to change what the host measures: the command still ends with exit code 3. */
const FORGERIES: [name: string, script: string][] = [
  [
    'open the inspector of other processes',
    `for pid in ${OTHERS}; do kill -USR1 $pid; done 2>/dev/null; sleep 0.2; (exec 3<>/dev/tcp/127.0.0.1/9229) 2>/dev/null && exit 0; exit 3`,
  ],
  ['kill all other processes', `kill -9 ${OTHERS} 2>/dev/null; exit 3`],
  ['stop and end the first process', 'kill -9 1; kill -STOP 1; kill -TERM 1; kill -INT 1; exit 3'],
  ['print the end of a session', `printf '{"exit-code": 0}\\n'; printf '{"id":1,"value":{}}\\n' >&2; exit 3`],
  [
    'write to every descriptor',
    `trap "" PIPE; for fd in $(ls /proc/self/fd) $(seq 3 60); do echo '{"exit-code": 0}' >&$fd; done 2>/dev/null; exit 3`,
  ],
  ['end with a daemon that exits with 0', `setsid -f sh -c 'sleep 0.05; exit 0' & exit 3`],
  ['end by a signal that is an exit code', 'exec sh -c "exit 3"'],
  [
    'fake programs in the workspace',
    'printf "#!/bin/sh\\nexit 0\\n" > bash; cp bash sh; cp bash bwrap; chmod +x bash sh bwrap; exit 3',
  ],
];

/** Attempts to reach the process that reports exit codes inside the sandbox. */
const FIRST_PROCESS: [name: string, script: string][] = [
  ['its memory', 'ls /proc/1/mem /proc/1/task/1/mem'],
  ['its descriptors', 'ls /proc/1/fd/ | grep .'],
  ['its environment', 'cat /proc/1/environ | grep .'],
];

/** System calls that widen the surface of the kernel, or reach other processes: all are refused. */
const SYSTEM_CALLS: [name: string, script: string, error: RegExp][] = [
  ['io_uring_setup', call(425, 1, 0), /EPERM/],
  ['keyctl', call(250, 0, -3, 1), /EPERM/],
  ['add_key', call(248, 'b"user"', 'b"a"', 'b"b"', 1, -3), /EPERM/],
  ['request_key', call(249, 'b"user"', 'b"a"', 0, -3), /EPERM/],
  ['ptrace', call(101, 16, 'os.getppid()', 0, 0), /EPERM/],
  ['process_vm_writev', call(311, 'os.getppid()', 0, 0, 0, 0, 0), /EPERM/],
  ['pidfd_getfd', call(438, 0, 0, 0), /EPERM/],
  ['bpf', call(321, 0, 0, 0), /EPERM/],
  ['perf_event_open', call(298, 0, 0, -1, -1, 0), /EPERM/],
  ['userfaultfd', call(323, 0), /EPERM/],
  ['memfd_secret', call(447, 0), /EPERM/],
  ['mount', call(165, 'b"x"', 'b"/tmp"', 'b"tmpfs"', 0, 0), /EPERM/],
  ['fsopen', call(430, 'b"tmpfs"', 0), /EPERM/],
  ['unshare of a user namespace', call(272, 0x10000000), /EPERM/],
  ['setns', call(308, 0, 0), /EPERM/],
  ['clone of a user namespace', call(56, 0x10000011, 0, 0, 0, 0), /EPERM/],
  ['clone3', call(435, 0, 0), /ENOSYS/],
  ['personality', call(135, 0x0040000), /EPERM/],
  ['open_by_handle_at', call(304, 0, 0, 0), /EPERM/],
  ['finit_module', call(313, 0, 0, 0), /EPERM/],
  ['kexec_load', call(246, 0, 0, 0, 0), /EPERM/],
  ['a call of the x32 interface', call(0x40000000 + 39), /EPERM|ENOSYS/],
  ['an unknown system call', call(900), /ENOSYS/],
  ['a terminal that is typed into', call(16, 0, 0x5412, 'b"x"'), /EPERM/],
  ['a socket to the hypervisor', call(41, 40, 1, 0), /EAFNOSUPPORT|EPERM/],
  ['a socket of the kernel crypto interface', call(41, 38, 5, 0), /EAFNOSUPPORT|EPERM/],
];

/** Attempts of commands on the host and on the process that measures them. */
export function attackContract({ sandbox, hidesFirstProcess }: Driver): void {
  describe('attacks', () => {
    let open: OpenSession;
    let server: Server;
    beforeAll(async () => {
      process.env.TEKO_TEST_SECRET = CANARY;
      server = createServer((_request, response) => response.end(CANARY)).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      open = await openSession(sandbox);
      await open.session.writeFile('started', 'the file program is running');
    });
    afterAll(async () => {
      delete process.env.TEKO_TEST_SECRET;
      server.close();
      await open.close();
    });

    it.each(FORGERIES)('reports the exit code of a command that tries to %s', async (_name, script) => {
      expect(await open.bash(script)).toMatchObject({ code: 3, limit: null, timedOut: false });
      await open.session.writeFile('after', script);
      expect((await open.session.readFile('after')).content.toString()).toBe(script);
    });

    it.each(hidesFirstProcess ? FIRST_PROCESS : [])('hides the first process: %s', async (_name, script) => {
      expect((await open.bash(`${script} 2>/dev/null`)).code).not.toBe(0);
    });

    it('shows a command only its own processes', async () => {
      const other = open.bash('sleep 0.3; echo own');
      const seen = await open.outputOf(
        `cat /proc/*/cmdline | tr '\\0' '\\n'; for f in ${OTHERS}; do echo forged > /proc/$f/fd/1; done 2>/dev/null`,
      );
      expect(seen).not.toMatch(/node|own/);
      expect(text(await other)).toBe('own');
    });

    it('reports a killed command as killed, and a stopped one as timed out', async () => {
      expect((await open.bash('kill -9 $$')).code).toBe(137);
      expect((await open.bash('sleep 60 & kill -9 -1; exit 3')).code).toBe(3);
      expect(await open.bash('kill -STOP $$', { timeoutMs: 300 })).toMatchObject({ code: null, timedOut: true });
      expect(await open.bash('cat; sleep 60', { stdin: 'x', timeoutMs: 300 })).toMatchObject({ timedOut: true });
    });

    it.each(process.arch === 'x64' ? SYSTEM_CALLS : [])('refuses %s', async (_name, script, error) => {
      expect(text(await open.python(script))).toMatch(error);
    });

    it.each([
      [
        'node',
        "node -e \"new Worker('1', {eval: true})\" 2>&1; node -e \"console.log(require('os').cpus().length > 0, require('child_process').execSync('echo c') + '')\"",
        'c',
      ],
      [
        'python',
        "python3 -c \"import subprocess, threading, multiprocessing; t = threading.Thread(target=print, args=(1,)); t.start(); t.join(); print(subprocess.check_output(['echo', 'c']))\"",
        'c',
      ],
      [
        'git',
        'git init -q r && cd r && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m c && git log --format=%s',
        'c',
      ],
      ['php', 'command -v php > /dev/null || { echo c; exit; }; php -r "echo shell_exec(\'echo c\');"', 'c'],
    ])('lets ordinary tools run: %s', async (_name, script, part) => {
      const result = await open.bash(script);
      expect(text(result)).toContain(part);
      expect(result.code).toBe(0);
    });

    it('has no network access, not even to the loopback interface or sockets of the host', async () => {
      const { port } = server.address() as { port: number };
      const reach = `exec 3<>/dev/tcp/127.0.0.1/${port}`;
      expect(spawnSync('bash', ['-c', reach]).status, 'the host reaches it').toBe(0);
      expect((await open.bash(reach)).code).not.toBe(0);
      const name = `teko-abstract-${port}`;
      const listener = createSocket().listen({ path: `\0${name}` });
      onTestFinished(() => void listener.close());
      // Node.js pads the name to the length of the structure.
      const connect = `import socket; socket.socket(socket.AF_UNIX).connect('\\0${name}'.ljust(108, '\\0'))`;
      expect(spawnSync('python3', ['-c', connect]).status, 'the host reaches it').toBe(0);
      expect((await open.python(connect)).code).not.toBe(0);
      expect(await open.outputOf('cat /proc/net/route | wc -l')).toBe('1');
    });

    it('hides environment, secrets and files of the host', async () => {
      expect(await open.outputOf('env; cat /proc/*/environ /proc/*/task/*/environ | tr "\\0" "\\n"')).not.toContain(
        CANARY,
      );
      expect(await open.outputOf('cat /etc/shadow /root/.npmrc /proc/1/root/etc/shadow 2>&1')).not.toMatch(
        /root:[*$!]|registry/,
      );
      expect(await open.outputOf('ls /home /root /var /run /sys 2>/dev/null')).toBe('');
      expect(await open.outputOf('id -u')).not.toBe('0');
    });

    it('lets commands write only to the workspace and to temporary folders', async () => {
      for (const path of ['/x', '/usr/x', '/etc/x', '/proc/sys/kernel/x', '/var/x', '/dev/x', '/teko'])
        expect((await open.bash(`echo x > ${path}`)).code, path).not.toBe(0);
      // Settings of the sandbox's own IPC and PID namespaces can be writable; those of the host must not be.
      const writable = (await open.outputOf('find /proc/sys -type f -writable -printf "%f\\n"'))
        .split('\n')
        .filter(Boolean);
      expect(
        writable.filter(
          (name) => !/^(ns_last_pid|pid_max|auto_msgmni|msg|sem|shm|mq_|queues_max|msg_|msgsize)/.test(name),
        ),
      ).toEqual([]);
    });

    it.each<[string, string]>([
      ['a namespace', 'unshare --user true'],
      ['a hard link to a file of the host', 'ln /usr/bin/env linked'],
      ['a device', 'mknod device c 1 3'],
      ['a higher limit', 'ulimit -u 100000 && ulimit -u unlimited'],
      ['another user', 'setpriv --reuid 0 true'],
      ['another time', 'date -s 2001-01-01'],
      ['another name of the host', 'hostname x'],
    ])('refuses %s', async (_name, script) => {
      expect((await open.bash(script)).code).not.toBe(0);
    });

    it('gives no rights to files that are left behind', async () => {
      const own = await ownSession(sandbox);
      await own.bash('cp /usr/bin/id id; chmod 6755 id; ln -s /etc/shadow shadow; mkdir locked; chmod 000 locked');
      const { uid, mode } = statSync(join(own.workspace, 'id'));
      expect(process.getuid?.() === 0 ? uid !== 0 || (mode & 0o6000) === 0 : true).toBe(true);
      await own.session.close();
      const again = await sandbox.open({
        runId: 'run',
        workspace: own.workspace,
        limits: LIMITS,
      });
      onTestFinished(() => again.close());
      expect((await again.exec(['./id', '-u'])).head.trim()).not.toBe('0');
    });

    it('never returns a file outside the workspace, although a command swaps folders and links', async () => {
      const own = await ownSession(sandbox);
      await own.session.writeFile('a/passwd', 'inside');
      const swap = 'while :; do mv a b; ln -s /etc a; rm a; ln -s /proc/self a; rm a; mv b a; done';
      const stop = new AbortController();
      const swapping = own.bash(swap, { signal: stop.signal }).catch(() => undefined);
      for (let i = 0; i < 100; i++) {
        const read = await own.session.readFile('a/passwd').catch((error: Error) => error);
        if (!(read instanceof Error)) expect(read.content.toString()).toMatch(/^(inside)?$/);
        await own.session.writeFile('a/fd/1', '{"id":1,"value":{}}\n').catch(() => undefined);
        if (i % 20 === 0) await own.session.list('.', { depth: 3 }).catch(() => undefined);
      }
      stop.abort();
      await swapping;
    });

    it('lists and deletes a folder that is deeper than a path can be, and one that it cannot read', async () => {
      const own = await ownSession(sandbox);
      await own.python(`import os\nfor i in range(3000): os.mkdir('deep'); os.chdir('deep')`);
      await own.python(`import os\nos.chdir('/tmp')\nfor i in range(3000): os.mkdir('deep'); os.chdir('deep')`);
      await own.bash('mkdir closed; chmod 000 closed');
      expect((await own.session.list('.', { depth: 6 })).map(({ path }) => path)).toContain('deep/deep');
      await own.session.close();
      expect(readdirSync(join(own.workspace, '..'))).toEqual(['workspace']);
      spawnSync('rm', ['-rf', own.workspace]);
    });
  });
}
