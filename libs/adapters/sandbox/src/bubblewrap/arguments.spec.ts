import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isolation, nodeFiles } from './arguments';

it.each<[string, string[], string[]]>([
  ['.local/bin/node', ['.local/lib/python3/site.py', '.local/share/keyrings/key'], []],
  ['bin/node', ['.ssh/id_ed25519', 'lib/notes.txt'], []],
  ['conda/bin/node', ['conda/lib/libstdc++.so.6', 'conda/pkgs/x'], ['conda/lib']],
])('of the folder of %s, commands see only the program and its libraries', (program, files, libraries) => {
  const home = mkdtempSync(join(tmpdir(), 'teko-node-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  for (const file of [program, ...files]) {
    mkdirSync(join(home, file, '..'), { recursive: true });
    writeFileSync(join(home, file), '');
  }
  expect(nodeFiles(join(home, program))).toEqual([program, ...libraries].map((path) => join(home, path)));
});

it('mounts no file of a Node.js that is part of the system, and others where they are', () => {
  expect(nodeFiles('/usr/local/bin/node')).toEqual([]);
  expect(nodeFiles('/node')).toEqual(['/node']);
  const args = isolation({ etc: '/copy', node: { '/root/node': '/mnt/node/0' } });
  expect(args.join(' ')).toContain('--ro-bind /mnt/node/0 /root/node');
});
