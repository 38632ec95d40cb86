import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@teko/domain';
import { LocalGitMirrors } from '@teko/local';
import { bundle, commit, idOf, pack, tree, type GitObject, type TreeLine } from '../git-pack';
import { mutate, oddText } from '../mutate';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';

const REF = 'refs/heads/teko-work';
const NAMES = [
  ...[
    'a',
    'b.txt',
    'src',
    '..',
    '.',
    '',
    '.git',
    '.GIT',
    'git~1',
    '.gi\u200ct',
    '.git ',
    '.git.',
    '.git::$INDEX_ALLOCATION',
    '.gitmodules',
  ],
  ...[
    'GITMOD~1',
    '.gitattributes',
    'A',
    'a/b',
    'a\\b',
    '\u00e4',
    'a\u0308',
    'CON',
    '-rf',
    'x\ny',
    '\ufffd',
    'con.txt',
    'x'.repeat(300),
  ],
];
const MODES = ['100644', '100755', '120000', '40000', '040000', '160000', '100664', '0', '777777', ''];
const TARGETS = [
  '/etc/passwd',
  '..',
  '../..',
  '.git/config',
  '.GIT/config',
  'a',
  'src',
  'b.txt',
  './a/../a',
  '../../../../etc',
  '\0',
  'x'.repeat(5_000),
  '',
];

/* A repository is reused by many inputs, and replaced before it has grown. */
const INPUTS_PER_MIRROR = 200;
/** Trees of more files are accepted, but take minutes to write. */
const MAX_CHECKED_OUT = 5_000;
let folder = '';
let base = '';
let mirrors: LocalGitMirrors;
let inputs = 0;

/** The base commit is the same in every process. */
function sourceRepository(path: string): string {
  createRepositoryAt(path);
  return execFileSync('git', ['-C', path, 'rev-parse', 'HEAD']).toString().trim();
}

function createRepositoryAt(path: string): void {
  const date = '2020-01-01T00:00:00Z';
  const env = {
    PATH: process.env.PATH,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  const git = (...args: string[]) => execFileSync('git', args, { cwd: path, env: env as NodeJS.ProcessEnv });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', path]);
  execFileSync('bash', ['-c', 'mkdir src && echo 1 > src/a.txt && echo 41 > answer.txt && ln -s answer.txt link'], {
    cwd: path,
  });
  git('add', '--all');
  git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--message', 'First');
}

async function renew(): Promise<void> {
  if (folder) await rm(folder, { recursive: true, force: true });
  folder = mkdtempSync(join(tmpdir(), 'teko-fuzz-'));
  const source = join(folder, 'source');
  execFileSync('mkdir', [source]);
  base = sourceRepository(source);
  mirrors = new LocalGitMirrors(join(folder, 'home'));
  await mirrors.sync({ id: 'fuzz', url: source });
  inputs = 0;
}

/** A tree with its objects, of good and bad entries. */
function anyTree(random: Random, objects: GitObject[], depth: number): string {
  const add = (object: GitObject) => {
    objects.push(object);
    return idOf(object);
  };
  const lines = random.list(8, (): TreeLine => {
    const name = random.chance(0.6) ? random.pick(NAMES) : oddText(random, 12).replace(/[\0/]/g, '');
    const mode = random.chance(0.6) ? random.pick(['100644', '40000', '120000']) : random.pick(MODES);
    if (/^0?40000$/.test(mode) && depth < 4) return { mode, name, id: anyTree(random, objects, depth + 1) };
    if (mode === '160000') return { mode, name, id: random.bytes(20).toString('hex') };
    const content = mode === '120000' ? random.pick(TARGETS) : oddText(random);
    return {
      mode,
      name,
      id: random.chance(0.03) ? random.bytes(20).toString('hex') : add({ type: 'blob', content: Buffer.from(content) }),
    };
  });
  if (random.chance(0.7)) lines.sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
  return add(tree(lines));
}

const sortKey = ({ mode, name }: TreeLine) => Buffer.from(`${String(name)}${mode.endsWith('40000') ? '/' : ''}`);

/** Few objects that stand for very many files. */
function treeBomb(random: Random, objects: GitObject[]): string {
  const blob: GitObject = { type: 'blob', content: Buffer.from('x') };
  objects.push(blob);
  let id = idOf(blob);
  const width = 2 + random.size(60);
  for (let level = 0, depth = 2 + random.below(12); level < depth; level++) {
    const mode = level === 0 ? '100644' : '40000';
    const next = tree(Array.from({ length: width }, (_, n) => ({ mode, name: `n${String(n).padStart(4, '0')}`, id })));
    objects.push(next);
    id = idOf(next);
  }
  return id;
}

export const bundleTarget: FuzzTarget = {
  name: 'bundle',
  // For the most files that are accepted, on a busy machine. Of this process: git's own time is bounded by its limits.
  maxMs: 20_000,
  async open() {
    await renew();
    return () => rm(folder, { recursive: true, force: true });
  },
  generate(random) {
    const objects: GitObject[] = [];
    const treeId = random.chance(0.02) ? treeBomb(random, objects) : anyTree(random, objects, 0);
    const parents = random.chance(0.9)
      ? [base]
      : random.list(3, () => random.pick([base, random.bytes(20).toString('hex')]));
    const identity = random.chance(0.9) ? undefined : oddText(random);
    const head = commit(treeId, parents, { identity, message: oddText(random) });
    objects.push(head);
    const packed = pack(objects, random.chance(0.95) ? undefined : random.below(2 ** 31));
    const ref = random.chance(0.95) ? REF : random.pick(['HEAD', 'refs/heads/main', '../x', '', oddText(random)]);
    const needs = random.chance(0.9) ? [base] : [random.bytes(20).toString('hex')];
    const more: [string, string][] = random.chance(0.05) ? [['refs/heads/other', idOf(head)]] : [];
    const result = bundle([[ref, idOf(head)], ...more], needs, packed);
    return random.chance(0.5) ? result : mutate(result, random);
  },
  async check(input) {
    if (++inputs > INPUTS_PER_MIRROR) await renew();
    let head: string;
    try {
      ({ headCommit: head } = await mirrors.importBundle('fuzz', input, { runId: `run${inputs}`, base, ref: REF }));
    } catch (error) {
      if (error instanceof DomainError) return;
      throw error;
    }
    await requireSafe(head);
  },
};

/** What was accepted must be safe to check out with plain git, and every file must stay inside. */
async function requireSafe(head: string): Promise<void> {
  const files = await mirrors.tree('fuzz', head);
  for (const { path, mode } of files) {
    if (path.split('/').some((name) => /^(\.git|git~1|\.\.?|)$/i.test(name)))
      throw new Error(`accepted the path ${path}`);
    if (!['100644', '100755', '120000'].includes(mode)) throw new Error(`accepted the mode ${mode} of ${path}`);
  }
  if (files.length > MAX_CHECKED_OUT) return;
  const target = mkdtempSync(join(folder, 'checkout-'));
  try {
    await mirrors.checkout('fuzz', head, join(target, 'work'));
    const stray = readdirSync(target).filter((name) => name !== 'work');
    if (stray.length > 0) throw new Error(`the checkout wrote outside: ${stray.join(', ')}`);
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}
