import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NOUNS =
  'order price tax invoice ledger customer stock parcel weight label driver route depot shelf batch audit token session cache queue'.split(
    ' ',
  );

/** Creates a bare git repository with this number of Python files, each with one function, and returns its path. */
export function largeRepository(files: number): string {
  const path = mkdtempSync(join(tmpdir(), 'teko-large-'));
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', path]);
  commit(
    path,
    Array.from({ length: files }, (_, n) => [pathOf(n), textOf(n)]),
  );
  return path;
}

/** Commits a change to the first `count` files. */
export function changeFiles(path: string, count: number): void {
  commit(
    path,
    Array.from({ length: count }, (_, n) => [pathOf(n), textOf(n).replace('Takes', 'Reads')]),
  );
}

function commit(path: string, files: string[][]): void {
  const head = `commit refs/heads/main\ncommitter Scenario <scenario@localhost> now\n${data('Files')}`;
  const hasParent = execFileSync('git', ['-C', path, 'branch', '--list', 'main']).length > 0;
  const changes = files.map(([name, text]) => `M 100644 inline ${name}\n${data(text!)}`);
  const input = `${head}${hasParent ? 'from refs/heads/main^0\n' : ''}${changes.join('')}`;
  execFileSync('git', ['-C', path, 'fast-import', '--quiet', '--date-format=now'], { input });
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

const noun = (n: number) => NOUNS[n % NOUNS.length]!;

function pathOf(n: number): string {
  return `src/${noun(n)}/${noun(Math.floor(n / 20))}/${noun(Math.floor(n / 400))}_${n}.py`;
}

function textOf(n: number): string {
  const [a, b, c] = [noun(n), noun(Math.floor(n / 20)), noun(Math.floor(n / 400) + 3)];
  return `def ${a}_${b}_${n}(${c}):\n    """Takes the ${a} of a ${c} and gives its ${b}."""\n    total = ${c}.${b} + ${n}\n    if total > ${n * 7}:\n        raise ValueError("${b} of ${c} is too large")\n    return total\n`;
}
