import { InvalidError, UnavailableError, type SandboxSession, type SelectedFiles, type WorkTree } from '@teko/domain';
import { WORK_TREE_SCRIPT } from './work-tree-script';

const MAX_LISTING_BYTES = 64 * 1024 * 1024;
const MAX_BUNDLE_BYTES = 220 * 1024 * 1024;
const TIMEOUT_MS = 180_000;
/** Where the sandbox mounts the repository with the commit that the work started from. */
const MOUNT = 'base';
const ENVIRONMENT = [
  ...[
    'PATH=/usr/local/bin:/usr/bin:/bin',
    'HOME=/nonexistent',
    'XDG_CONFIG_HOME=/nonexistent',
    'LC_ALL=C',
    'TMPDIR=/tmp',
  ],
  ...['GIT_CONFIG_NOSYSTEM=1', 'GIT_CONFIG_GLOBAL=/dev/null', 'GIT_ATTR_NOSYSTEM=1', 'GIT_TERMINAL_PROMPT=0'],
  ...['GIT_AUTHOR_NAME=Teko', 'GIT_AUTHOR_EMAIL=teko@localhost', 'GIT_AUTHOR_DATE=@0 +0000'],
  ...['GIT_COMMITTER_NAME=Teko', 'GIT_COMMITTER_EMAIL=teko@localhost', 'GIT_COMMITTER_DATE=@0 +0000'],
];

/** The commit that a work tree was checked out at, and a repository on the host that has it. */
export interface Start {
  commit: string;
  repository: string;
}

/** Paths as the sandbox reported them, for those that are not valid UTF-8. */
export type RawPaths = ReadonlyMap<string, Buffer>;

export interface Listing {
  tree: WorkTree;
  raw: RawPaths;
  /** The files of requested paths that lead through links. */
  realPaths: ReadonlyMap<string, string>;
}

/** Compares the work tree of a session with the commit it was checked out at. `requested` paths are listed even if they are ignored. */
export async function listWorkTree(session: SandboxSession, start: Start, requested: string[]): Promise<Listing> {
  const input = Buffer.from(requested.map((path) => `${path}\0`).join(''));
  return parseListing(await runScript(session, 'list', start, input, MAX_LISTING_BYTES));
}

/** Returns a bundle with a commit of the selected files on `start`, or null if they do not differ from it. Throws InvalidError if git cannot store them. */
export async function bundleWorkTree(
  session: SandboxSession,
  start: Start,
  { add, remove }: Pick<SelectedFiles, 'add' | 'remove'>,
  raw: RawPaths,
): Promise<Buffer | null> {
  const records = [...add.map((path) => ['A', path]), ...remove.map((path) => ['D', path])];
  const input = Buffer.concat(
    records.flatMap(([letter, path]) => [
      Buffer.from(`${letter} `),
      raw.get(path!) ?? Buffer.from(path!),
      Buffer.of(0),
    ]),
  );
  const output = await runScript(session, 'bundle', start, input, MAX_BUNDLE_BYTES);
  const end = output.indexOf(0);
  const head = output.toString('utf8', 0, Math.min(Math.max(end, 0), 1_000));
  if (head === 'N') return null;
  if (head === 'P') return output.subarray(end + 1);
  throw head.startsWith('E ')
    ? new InvalidError({ change: head.slice(2) })
    : new UnavailableError('sandbox', 'the result cannot be read');
}

function runScript(
  session: SandboxSession,
  mode: 'list' | 'bundle',
  { commit, repository }: Start,
  stdin: Buffer,
  maxBytes: number,
): Promise<Buffer> {
  const bash = ['bash', '--noprofile', '--norc', '-c', WORK_TREE_SCRIPT, 'teko'];
  return session.output(['env', '-i', ...ENVIRONMENT, ...bash, mode, `/teko/${MOUNT}`, commit], {
    ...{ stdin, maxBytes, timeoutMs: TIMEOUT_MS, mounts: { [MOUNT]: repository } },
  });
}

function parseListing(output: Buffer): Listing {
  const raw = new Map<string, Buffer>();
  const lists = new Map<string, string[]>();
  let last = '';
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(0, at);
    if (end < 0) break;
    last = String.fromCharCode(output[at]!);
    const bytes = output.subarray(at + 2, end);
    const path = bytes.toString();
    if (path.includes('\ufffd')) raw.set(path, bytes);
    lists.set(last, lists.get(last) ?? []);
    lists.get(last)!.push(path);
    at = end + 1;
  }
  if (last === 'E') throw new InvalidError({ change: lists.get('E')!.join('; ').slice(0, 1_000) });
  if (last !== 'Z') throw new UnavailableError('sandbox', 'the files of the result cannot be listed');
  const all = (letter: string) => lists.get(letter) ?? [];
  const renamedTo = all('T');
  const tree: WorkTree = {
    changed: all('M'),
    deleted: all('D'),
    untracked: [...new Set(all('U'))],
    requested: [
      ...all('R').map((path) => ({ path, isIgnored: false })),
      ...all('I').map((path) => ({ path, isIgnored: true })),
    ],
    renamed: all('F').map((from, i) => ({ from, to: renamedTo[i] ?? '' })),
    repositories: all('N'),
  };
  const real = all('K');
  return { tree, raw, realPaths: new Map(all('L').map((path, i) => [path, real[i] ?? path])) };
}
