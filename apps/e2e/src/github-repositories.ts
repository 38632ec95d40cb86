import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The environment of git without the configuration of the host. */
export const GIT_ENV = {
  PATH: process.env.PATH ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
};

/** Runs git. Throws if the exit code is not in `codes`. */
export async function git(
  folder: string,
  args: string[],
  { input, env, codes = [0] }: { input?: string; env?: Record<string, string>; codes?: number[] } = {},
): Promise<{ code: number; output: Buffer; text: string }> {
  const child = spawn('git', args, { cwd: folder, env: { ...GIT_ENV, ...env } });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve(exit ?? 1));
  });
  if (!codes.includes(code)) throw new Error(`git ${args.join(' ')}: ${Buffer.concat(errors).toString()}`);
  const all = Buffer.concat(output);
  return { code, output: all, text: all.toString().trim() };
}

/** The served bare repositories by `owner/name`. */
export class BareRepositories {
  private readonly names = new Set<string>();
  /** Parents of forks by the name of the fork. */
  readonly parents = new Map<string, string>();

  constructor(private readonly folder: string) {}

  get all(): string[] {
    return [...this.names];
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  path(name: string): string {
    if (!this.names.has(name)) throw new Error(`There is no repository ${name}. There are: ${this.all.join(', ')}.`);
    return join(this.folder, `${name}.git`);
  }

  /** Creates a bare clone of a local repository. */
  async add(name: string, from: string): Promise<void> {
    const path = join(this.folder, `${name}.git`);
    mkdirSync(dirname(path), { recursive: true });
    await git(this.folder, ['clone', '--quiet', '--bare', '--no-hardlinks', from, path]);
    this.names.add(name);
    for (const [key, value] of [
      ['http.receivepack', 'true'],
      ['receive.hideRefs', 'refs/pull'],
      ['gc.auto', '0'],
    ] as const) {
      await git(path, ['config', key, value]);
    }
  }

  async fork(parent: string, name: string): Promise<void> {
    await this.add(name, this.path(parent));
    this.parents.set(name, parent);
  }

  async defaultBranch(name: string): Promise<string> {
    return (await git(this.path(name), ['symbolic-ref', '--short', 'HEAD'])).text;
  }

  /** Returns the commit of a revision, or null if it does not exist. */
  async commit(name: string, revision: string): Promise<string | null> {
    const found = await git(this.path(name), ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], {
      codes: [0, 1, 128],
    });
    return found.code === 0 ? found.text : null;
  }

  async branch(name: string, branch: string): Promise<string | null> {
    return this.commit(name, `refs/heads/${branch}`);
  }

  async branches(name: string): Promise<Map<string, string>> {
    const { text } = await git(this.path(name), [
      'for-each-ref',
      '--format=%(objectname) %(refname:lstrip=2)',
      'refs/heads',
    ]);
    const lines = text.split('\n').filter(Boolean);
    return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
  }

  /** Returns the commits that are reachable from `head` but not from `base`, oldest first. */
  async commitsBetween(name: string, head: string, base: string | null): Promise<string[]> {
    const { text } = await git(this.path(name), [
      'rev-list',
      '--reverse',
      '--topo-order',
      head,
      ...(base ? [`^${base}`] : []),
    ]);
    return text.split('\n').filter(Boolean);
  }

  /** Merges two commits and returns the tree, or null if they conflict. */
  async mergeTree(name: string, base: string, head: string): Promise<string | null> {
    const merged = await git(this.path(name), ['merge-tree', '--write-tree', base, head], { codes: [0, 1] });
    return merged.code === 0 ? (merged.text.split('\n')[0] ?? null) : null;
  }

  async setRef(name: string, ref: string, commit: string | null): Promise<void> {
    await git(this.path(name), commit ? ['update-ref', ref, commit] : ['update-ref', '-d', ref]);
  }
}
