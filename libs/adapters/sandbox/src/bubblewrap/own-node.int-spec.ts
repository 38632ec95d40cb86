import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ownSession } from '../contract/driver.fixture';
import { BubblewrapSandbox } from './bubblewrap';

const sandbox = new BubblewrapSandbox();
const missing = await sandbox.unavailableReason();

// Not below /tmp, which is another folder in the sandbox.
it.skipIf(missing)('reads files with a Node.js in a private folder, of which commands see nothing else', async () => {
  const folder = mkdtempSync('/var/tmp/teko-own-node-');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'bin'));
  const program = join(folder, 'bin', 'node');
  copyFileSync(process.execPath, program);
  copyFileSync('/etc/hostname', join(folder, 'secret'));
  chmodSync(folder, 0o700);
  const { execPath } = process;
  process.execPath = program;
  onTestFinished(() => void (process.execPath = execPath));
  expect(await sandbox.unavailableReason()).toBeNull();
  const { session, outputOf } = await ownSession(sandbox);
  await session.writeFile('a', 'text');
  expect((await session.readFile('a')).content.toString()).toBe('text');
  expect(await outputOf(`"${program}" --version`)).toBe(execFileSync(execPath, ['--version']).toString().trim());
  expect(await outputOf(`find "${folder}" -type f`)).toBe(program);
});
