import { describe, expect, it, vi } from 'vitest';
import { MB, ownSession, text, WAIT, type Driver } from './driver.fixture';

const fill = (path: string) => `with open('${path}', 'wb') as f:
  for _ in range(600): f.write(b'x' * 1048576)`;

/** Ways to take memory, under a limit of 400 MB. Each takes 600 MB and then waits. */
const MEMORY: [string, string][] = [
  ['private memory', 'x = b"x" * (600 << 20)'],
  ['private memory of several processes', 'import os\nfor _ in range(3): os.fork()\nx = b"x" * (75 << 20)'],
  ['a memory file', `import os\nfd = os.memfd_create('x')\nfor _ in range(600): os.write(fd, b'x' * 1048576)`],
  [
    'many memory files',
    `import os\nfds = [os.memfd_create(str(i)) for i in range(60)]\nfor fd in fds:\n  for _ in range(10): os.write(fd, b'x' * 1048576)`,
  ],
  [
    'shared anonymous memory',
    `import mmap\nm = mmap.mmap(-1, 600 << 20)\nfor i in range(600): m.write(b'x' * 1048576)`,
  ],
];

const SYSTEM_V = `import ctypes, sys
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
libc.shmdt.argtypes = [ctypes.c_void_p]
for _ in range(12):
  id = libc.shmget(0, 50 << 20, 0o1600)
  if id < 0: sys.exit('refused')
  at = libc.shmat(id, None, 0)
  ctypes.memset(at, 1, 50 << 20)
  libc.shmdt(at)`;

/** Ways to take disk space, under a limit of 64 MB. */
const DISK: [string, string][] = [
  ['many small files', 'while :; do head -c 4M /dev/zero > $RANDOM$RANDOM; done'],
  ['the temporary folder', 'while :; do head -c 4M /dev/zero > ~/$RANDOM$RANDOM; done'],
  [
    'a closed folder',
    'mkdir shut; i=0; while :; do i=$((i+1)); head -c 4M /dev/zero > shut/$i; chmod 000 shut; sleep 0.02; chmod 700 shut; done',
  ],
  [
    'deleted files that are still open',
    `exec python3 -c "
import os, time
fds = []
for i in range(20):
  fds.append(os.open('x', os.O_CREAT | os.O_WRONLY)); os.unlink('x')
  for _ in range(20): os.write(fds[-1], b'x' * 1048576)
time.sleep(60)"`,
  ],
];

const FILL_DELETED = `import array, ctypes, os, socket, threading, time
libc = ctypes.CDLL(None)
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
def fill():
  fd = os.open('x', os.O_CREAT | os.O_RDWR); os.unlink('x')
  for _ in range(20): os.write(fd, b'x' * 1048576)
  return fd
`;

/** Ways to keep deleted files where no descriptor of a process shows them. */
const HIDDEN: [string, string][] = [
  ['a mapping', 'libc.mmap(None, 4096, 1, 1, fd, 0); os.close(fd)'],
  [
    'a message to a socket',
    `a, b = socket.socketpair(); kept.append((a, b))
  a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))]); os.close(fd)`,
  ],
  [
    'a message to Teko',
    "socket.socket(fileno=os.dup(0)).sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))]); os.close(fd)",
  ],
  ['descriptors that Teko may not read', 'libc.prctl(4, 0, 0, 0, 0)'],
];

/** What commands use is limited and measured outside their reach. */
export function limitContract({ sandbox, isolated }: Driver): void {
  describe('limits', () => {
    it.each(isolated ? MEMORY : [])('stops a command that takes too much memory: %s', async (_name, script) => {
      // A single file, in memory too, cannot be larger than the disk limit.
      const { python, bash } = await ownSession(sandbox, { diskBytes: 1024 * MB });
      const result = await python(`${script}\nimport time\ntime.sleep(60)`, { timeoutMs: 50_000 });
      expect(result).toMatchObject({ limit: 'memory', code: null, timedOut: false });
      expect((await bash('echo alive')).head).toBe('alive\n');
    });

    if (isolated) isolatedLimits(sandbox);

    it.each(DISK)('stops a command that fills the disk: %s', async (_name, script) => {
      const { bash, outputOf } = await ownSession(sandbox);
      expect(await bash(script)).toMatchObject({ limit: 'disk', code: null });
      expect(
        Number((await outputOf('du -sm . ~ 2>/dev/null | cut -f1')).split('\n').reduce((a, b) => `${+a + +b}`)),
      ).toBeLessThan(1024);
    });

    it.each(HIDDEN)('counts deleted files that are kept in %s', async (_name, script) => {
      const { python } = await ownSession(sandbox);
      const keep = `${FILL_DELETED}kept = []\nfor i in range(20):\n  fd = fill()\n  ${script}\ntime.sleep(20)`;
      expect(await python(keep, { stdin: 'x'.repeat(3_000_000) })).toMatchObject({ limit: 'disk', code: null });
    });

    it('stops a command that creates too many files', async () => {
      const { python } = await ownSession(sandbox);
      const script = `import os\nfor i in range(300000):\n  os.close(os.open(f'f{i}', os.O_CREAT))`;
      expect(await python(script)).toMatchObject({ limit: 'files', code: null });
    });

    it('allows commands that delete files after a limit was exceeded, and ends the session if more is added', async () => {
      const { bash, session } = await ownSession(sandbox);
      const fillDisk = 'mkdir -p big; while :; do head -c 4M /dev/zero > big/$RANDOM$RANDOM; done';
      expect((await bash(fillDisk)).limit).toBe('disk');
      expect((await bash('sleep 0.6; rm -rf big; sleep 0.6')).code).toBe(0);
      expect((await bash('head -c 1M /dev/zero > small; sleep 0.6')).code).toBe(0);
      expect((await bash(fillDisk)).limit).toBe('disk');
      await expect(bash(fillDisk)).rejects.toMatchObject({ code: 'unavailable' });
      await expect(session.readFile('small')).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('counts what files take, not how large they look, and limits a single file', async () => {
      const { bash } = await ownSession(sandbox);
      expect(await bash('truncate -s 60M sparse && sleep 0.3')).toMatchObject({ code: 0, limit: null });
      expect((await bash('head -c 1G /dev/zero > big')).code).not.toBe(0);
      expect((await bash('ulimit -f unlimited')).code).not.toBe(0);
    });
  });
}

/** Limits that need namespaces. */
function isolatedLimits(sandbox: Driver['sandbox']): void {
  it('counts or refuses memory that belongs to no process', async () => {
    const { python } = await ownSession(sandbox, { diskBytes: 1024 * MB });
    const result = await python(SYSTEM_V);
    expect(result.limit === 'memory' || text(result) === 'refused').toBe(true);
  });

  it('bounds temporary file systems in memory', async () => {
    const { python } = await ownSession(sandbox, { diskBytes: 1024 * MB });
    expect(text(await python(fill('/dev/shm/x')))).toContain('No space left');
  });

  it('stops a fork bomb', async () => {
    const { bash, python, outputOf } = await ownSession(sandbox);
    await bash(':(){ :|:& };:; wait', { timeoutMs: 20_000 });
    const bomb = 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass';
    expect(await python(bomb)).toMatchObject({ limit: 'processes', code: null });
    await vi.waitFor(async () => expect(await outputOf('echo alive')).toBe('alive'), WAIT);
  });
}
