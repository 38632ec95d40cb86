import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Cgroup, cgroupParents } from './cgroup';
import { bubblewrapChecks } from './checks';
import { DEFAULT_SANDBOX_LIMITS } from './limits';

it.each([
  [
    { cgroups: true, arch: 'x64', root: false },
    { memory: 'kernel', processes: 'kernel', 'system calls': 'kernel' },
  ],
  [
    { cgroups: false, arch: 'arm64', root: true },
    { memory: 'watch', processes: 'kernel', 'system calls': 'kernel' },
  ],
  [
    { cgroups: false, arch: 'riscv64', root: false },
    { memory: 'watch', processes: 'watch', 'system calls': 'none' },
  ],
])('says what a host enforces: %j', (host, expected) => {
  const checks = bubblewrapChecks(host);
  expect(Object.fromEntries(checks.map(({ name, enforcement }) => [name, enforcement]))).toMatchObject(expected);
  for (const { name, enforcement, remedy } of checks)
    expect(remedy === null, name).toBe(enforcement === 'kernel' || name === 'disk and files');
});

/** A host whose files are in a folder. */
function host(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'teko-cgroup-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const UNIFIED = '30 20 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw';
const CONTROLLERS = 'cpu memory pids';

it.each<[string, Record<string, string>, object | null]>([
  [
    'version 1, below the own groups',
    {
      'proc/self/cgroup': '4:memory:/a\n3:cpu,pids:/b\n0::/',
      'proc/self/mountinfo':
        '1 2 0:1 / /cg/memory rw - cgroup cgroup rw,memory\n1 2 0:2 / /cg/pids rw - cgroup cgroup rw,cpu,pids',
    },
    { version: 1, memory: '/cg/memory/a', pids: '/cg/pids/b' },
  ],
  [
    'version 1 in a container that sees a part of the tree',
    {
      'proc/self/cgroup': '4:memory:/docker/1/x\n3:pids:/docker/1\n',
      'proc/self/mountinfo':
        '1 2 0:1 /docker/1 /m rw - cgroup cgroup rw,memory\n1 2 0:2 /docker/1 /p rw - cgroup cgroup rw,pids',
    },
    { version: 1, memory: '/m/x', pids: '/p' },
  ],
  [
    'version 2, beside the own group, which has processes',
    {
      'proc/self/cgroup': '0::/teko.slice/main',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/teko.slice/cgroup.subtree_control': CONTROLLERS,
      'sys/fs/cgroup/teko.slice/main/cgroup.subtree_control': '',
    },
    { version: 2, memory: '/sys/fs/cgroup/teko.slice', pids: '/sys/fs/cgroup/teko.slice' },
  ],
  [
    'version 2 without the controllers',
    {
      'proc/self/cgroup': '0::/a/b',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/a/cgroup.subtree_control': 'cpu',
    },
    null,
  ],
  ['a host without control groups', {}, null],
])('finds where control groups can be created: %s', (_name, files, expected) => {
  const root = host(files);
  const found = cgroupParents(root);
  expect(found && { ...found, memory: found.memory.slice(root.length), pids: found.pids.slice(root.length) }).toEqual(
    expected,
  );
});

it('creates no group where the limits cannot be set', () => {
  expect(Cgroup.create(DEFAULT_SANDBOX_LIMITS, { version: 1, memory: '/proc/none', pids: '/proc/none' })).toBeNull();
});
