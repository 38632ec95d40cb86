import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** What `.gitignore` excludes, and Git's own folder. */
const IGNORED = /^(node_modules|dist|out-tsc|out-dev|coverage|\.git|\.teko|\.nx|.*\.log|\.env)$/;

/** Returns the paths of the workspace's own files, relative to its root. */
export function workspaceFiles(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !IGNORED.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? workspaceFiles(path) : [path];
    });
}

/** Copies the workspace to a new folder, with links to the installed packages. */
export function copyOfWorkspace(): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')));
  for (const file of workspaceFiles()) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  linkPackages(copy);
  return copy;
}

/** Packages of the workspace link to the copy, all others to the installed ones. */
function linkPackages(copy: string): void {
  const packages = join(copy, 'node_modules');
  mkdirSync(join(packages, '@teko'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')).filter((name) => !/^(@teko|teko|\..*)$/.test(name)))
    symlinkSync(join(root, 'node_modules', name), join(packages, name));
  const text = readFileSync(join(root, 'package-lock.json'));
  const lock: Lock = JSON.parse(String(text));
  for (const [path, { link, resolved }] of Object.entries(lock.packages))
    if (link) symlinkSync(join(copy, resolved!), join(copy, path));
  writeFileSync(join(packages, '.teko-lock'), createHash('sha256').update(text).digest('hex'));
}

interface Lock {
  packages: Record<string, { link?: boolean; resolved?: string }>;
}

/** Runs a script of a package, or of the copy, there. Returns what it printed; throws it if the script fails. */
export async function runIn(
  copy: string,
  script: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const child = spawn(process.execPath, [join(copy, script), ...args], {
    cwd: copy,
    env: { PATH: process.env.PATH, TMPDIR: tmpdir(), TEKO_TEST_RUN: process.env.TEKO_TEST_RUN, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${String(code)}:\n${output}`);
  return output;
}
