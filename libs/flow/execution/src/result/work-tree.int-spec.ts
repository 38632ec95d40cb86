import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvalidError, selectFiles, UnavailableError, type SandboxSession } from '@teko/domain';
import { sampleOf } from '@teko/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleWorkTree, listWorkTree } from './work-tree';

const BASE: Record<string, string | Buffer> = {
  'answer.txt': '41\n',
  'README.md': 'Read me.\n',
  'src/main.c': Buffer.from('int x = 1;\n/* caf\xe9 */\n', 'latin1'),
  'bom.txt': '\ufefftext without end',
  'win.txt': 'one\r\ntwo\r\n',
  '日本語/文件.txt': 'x\n',
  'run.sh': '#!/bin/sh\n',
};

let folder: string;
let work: string;
let base: string;
let start: string;

const run = (cwd: string, command: string) =>
  execFileSync('bash', ['-c', command], {
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH!, NODE: process.execPath, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
  }).toString();
const git = (cwd: string, args: string) => run(cwd, `git -c user.name=T -c user.email=t@localhost ${args}`);
const put = (path: string, content: string | Buffer) => {
  mkdirSync(dirname(join(work, path)), { recursive: true });
  writeFileSync(join(work, path), content);
};

/** Runs commands on this host. */
const session = {
  output: async (argv: string[], options: { stdin: Buffer; mounts: Record<string, string>; maxBytes: number }) => {
    const args = argv.slice(1).map((arg) => (arg === '/teko/base' ? options.mounts.base! : arg));
    const { status, stdout, stderr } = spawnSync(argv[0]!, args, {
      ...{ cwd: work, input: options.stdin, maxBuffer: options.maxBytes, timeout: 60_000 },
    });
    if (status !== 0) throw new UnavailableError('sandbox', `failed: ${String(stderr)}`);
    return stdout;
  },
} as unknown as SandboxSession;

/** Creates the source with these files, one commit after the other, and the workspace and exported repository as Teko does. */
function setUp(...commits: Record<string, string | Buffer>[]): void {
  folder = mkdtempSync(join(tmpdir(), 'teko-work-tree-'));
  work = join(folder, 'source');
  run(folder, 'git init -q -b main source');
  for (const files of commits) {
    for (const [path, content] of Object.entries(files)) put(path, content);
    run(work, '[ ! -f run.sh ] || chmod +x run.sh');
    git(work, 'add -A');
    git(work, 'commit -q -m files');
  }
  start = git(work, 'rev-parse HEAD').trim();
  const source = `file://${work}`;
  run(folder, `git clone -q --depth 1 ${source} original; git clone -q --bare --depth 1 ${source} start`);
  run(folder, `git clone -q --bare ${source} check.git`);
  base = join(folder, 'start');
  reset();
}

/** Makes the workspace as it was. */
function reset(): void {
  work = join(folder, 'workspace');
  run(folder, 'chmod -R u+rwX workspace 2>/dev/null; rm -rf workspace elsewhere sub hard; cp -a original workspace');
}

/** Collects the work tree as a result and returns how its tree differs from the base, by path. */
async function deliver({ edited = [] as string[], named = [] as string[] } = {}) {
  const at = { commit: start, repository: base };
  const { tree, raw } = await listWorkTree(session, at, [...edited, ...named]);
  const tracked = new Set(git(base, `ls-tree -r -z --name-only ${start}`).split('\0').filter(Boolean));
  const selected = selectFiles(tree, { edited, named: named.map((path) => ({ path, reason: 'x' })), tracked });
  const bundle = await bundleWorkTree(session, at, selected, raw);
  const leftOut = selected.leftOut.map(({ path, reason }) => `${path} ${reason}`);
  if (!bundle) return { changes: {}, leftOut };
  const file = join(folder, 'result.bundle');
  writeFileSync(file, bundle);
  const check = join(folder, 'check.git');
  git(check, `-c fetch.fsckObjects=true fetch -q ${file} +refs/heads/teko-result:refs/heads/result`);
  expect(git(check, 'rev-list --parents -n 1 result').trim().split(' ')[1]).toBe(start);
  const fields = git(check, `diff-tree -r -z --no-renames ${start} result`).split('\0');
  const changes: Record<string, string> = {};
  for (let i = 0; fields[i]; i += 2) {
    const [, mode, , blob, status] = fields[i]!.split(' ');
    changes[fields[i + 1]!] = status === 'D' ? 'deleted' : `${mode} ${git(check, `cat-file blob ${blob}`)}`;
  }
  return { changes, leftOut };
}

beforeAll(() => setUp(BASE));
beforeEach(reset);
afterAll(() => {
  // Node cannot remove folders with paths that are too long.
  run(folder, 'chmod -R u+rwX . || true; rm -rf "$PWD"');
});

const SOLVED = { 'answer.txt': '100644 42\n' };

describe('only the edited file is delivered, whatever the agent did with git and with untracked files:', () => {
  const states: [string, string][] = [
    ['a stale lock', 'touch .git/index.lock .git/HEAD.lock .git/refs/heads/main.lock'],
    ['no .git', 'rm -rf .git'],
    ['.git is a file', 'rm -rf .git; echo "gitdir: /etc" > .git'],
    ['.git is a link', 'mv .git ../elsewhere; ln -s ../elsewhere .git'],
    ['.git is a link to nothing', 'rm -rf .git; ln -s /nowhere .git'],
    ['.git is unreadable', 'chmod 000 .git'],
    [
      'commits, an amend and a merge',
      'git commit -qam one; git commit -q --amend -m two; git checkout -q -b side HEAD; git commit -q --allow-empty -m x; git checkout -q -; git merge -q --no-ff side',
    ],
    ['an orphan branch', 'git checkout -q --orphan other; git commit -qam x'],
    ['a detached head', 'git checkout -q --detach'],
    ['a merge in progress', 'echo x > .git/MERGE_HEAD; echo x > .git/CHERRY_PICK_HEAD; mkdir .git/rebase-merge'],
    ['an empty index', 'git rm -rq --cached .'],
    ['a removed index', 'rm .git/index'],
    ['a broken index', 'echo garbage > .git/index'],
    ['staged leftovers', 'echo x > junk; git add -f junk; rm junk'],
    [
      'assumed unchanged',
      'git update-index --assume-unchanged answer.txt; git update-index --skip-worktree answer.txt',
    ],
    ['a sparse checkout', 'git sparse-checkout set --no-cone answer.txt'],
    [
      'folders with paths that are too long for git',
      `"$NODE" -e 'for (let i = 0; i < 6000; i++) { fs.mkdirSync("d"); process.chdir("d"); }'; : > deep`,
    ],
    ['a sparse index', 'git sparse-checkout set --cone --sparse-index src'],
    ['another work tree setting', 'git config core.worktree /tmp; git config core.bare true'],
    [
      'a filter and a hook',
      "git config filter.x.clean 'echo evil'; git config core.fsmonitor 'echo evil'; echo '* filter=x' > .git/info/attributes; printf '#!/bin/sh\\nexit 1\\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit",
    ],
    ['excluded files', 'echo "*" > .git/info/exclude'],
    [
      'settings in the home',
      'printf "[core]\\n\\tautocrlf = true\\n\\texcludesFile = /dev/null\\n" > "$HOME/.gitconfig"; mkdir -p "$HOME/.config/git"; echo "* text eol=crlf" > "$HOME/.config/git/attributes"; echo "export GIT_DIR=/nowhere" > "$HOME/.bashrc"',
    ],
    ['a shallow file and grafts', 'git rev-parse HEAD > .git/shallow; mkdir -p .git/refs/replace'],
    [
      'a fifo and a socket',
      'mkfifo pipe; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\\"sock\\")" || true',
    ],
    ['an unreadable file and folder', 'chmod 000 README.md; chmod 000 src'],
    ['a read-only tree', 'chmod a-w answer.txt src .'],
    ['touched files', 'touch -d 2001-01-01 README.md src/main.c win.txt; cp README.md x; mv x README.md'],
    ['hard links', 'ln README.md ../hard'],
  ];
  it.each(sampleOf('what an agent did with git', states))('%s', async (_what, command) => {
    put('answer.txt', '42\n');
    run(work, `git config user.name a; git config user.email a@example.org; ${command}; true`);
    expect((await deliver({ edited: ['answer.txt'] })).changes).toEqual(SOLVED);
  });

  it.each<[string, string, string[]]>([
    [
      'a virtual environment',
      'mkdir -p venv/bin; ln -s /usr/bin/python3 venv/bin/python3; echo home > venv/pyvenv.cfg',
      ['venv/ generated'],
    ],
    [
      'a nested repository',
      'git init -q fixtures/sample; cd fixtures/sample; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x',
      ['fixtures/ repository'],
    ],
    ['an empty nested repository', 'git init -q nested; touch nested/file', ['nested/ repository']],
    ['a work tree of the repository', 'git worktree add -q wt', ['wt/ repository']],
    [
      'a submodule',
      'git init -q ../sub; git -C ../sub -c user.name=a -c user.email=a@b commit -q --allow-empty -m x; git -c protocol.file.allow=always submodule --quiet add ../sub sub',
      ['.gitmodules untracked', 'sub/ repository'],
    ],
    [
      'leftovers',
      'mkdir -p target; echo z > .DS_Store; echo k > target/classes.bin; echo SECRET=1 > .env; touch a.pem',
      ['.DS_Store system', '.env secret', 'a.pem secret', 'target/ generated'],
    ],
    [
      'ignored files',
      'printf "dist/\\n*.log\\n" > .gitignore; mkdir dist; touch dist/x y.log',
      ['.gitignore untracked'],
    ],
    [
      'strange names',
      "touch -- '-n.txt' $'tab\\tname' $'line\\nbreak' '\"quote\"' '[id].tsx' ':(top)x' '$(id)'",
      [
        '"quote" untracked',
        '$(id) untracked',
        '-n.txt untracked',
        ':(top)x untracked',
        '[id].tsx untracked',
        'line\nbreak untracked',
        'tab\tname untracked',
      ],
    ],
    ['a link out of the tree', 'ln -s /etc/passwd link; ln -s / root', ['link untracked', 'root untracked']],
    ['many files', 'mkdir -p junk; cd junk; seq 1 30000 | xargs touch', ['junk/ untracked']],
  ])('%s', async (_what, command, expected) => {
    put('answer.txt', '42\n');
    run(work, `${command}; true`);
    const { changes, leftOut } = await deliver({ edited: ['answer.txt'] });
    expect(changes).toEqual(SOLVED);
    expect(leftOut).toEqual(expected);
  });
});

describe('what is delivered', () => {
  const NAMES = [
    '-n.txt',
    'tab\tname.txt',
    'line\nbreak.txt',
    '"quote".txt',
    '[id].tsx',
    ':(top)x',
    '日本語/neu ü.txt',
    'a b/$(id).txt',
    '*',
  ];

  it('new files that an edit tool wrote or that the agent named, whatever their names', async () => {
    for (const name of NAMES) put(name, 'new');
    put('made/by/command.txt', 'made');
    put('ignored.log', 'log');
    put('.gitignore', '*.log\n');
    const { changes, leftOut } = await deliver({ edited: NAMES, named: ['made/', 'ignored.log', 'nowhere'] });
    const expected = [
      ...NAMES.map((name) => [name, '100644 new']),
      ['made/by/command.txt', '100644 made'],
      ['ignored.log', '100644 log'],
    ];
    expect(changes).toEqual(Object.fromEntries(expected));
    expect(leftOut).toEqual(['.gitignore untracked']);
  });

  it('bytes, modes, renames, deletions and changes of types', async () => {
    put('src/main.c', Buffer.from('int x = 2;\n/* caf\xe9 */\n', 'latin1'));
    put('bom.txt', '\ufeffother text without end');
    run(
      work,
      'chmod +x README.md; rm answer.txt; git mv run.sh start.sh; rm win.txt; ln -s README.md win.txt; rm -r 日本語; echo file > 日本語',
    );
    const { changes, leftOut } = await deliver({ edited: ['日本語'] });
    expect(changes).toEqual({
      'src/main.c': expect.stringContaining('int x = 2;') as string,
      'bom.txt': '100644 \ufeffother text without end',
      'README.md': '100755 Read me.\n',
      'answer.txt': 'deleted',
      'run.sh': 'deleted',
      'start.sh': '100755 #!/bin/sh\n',
      'win.txt': '120000 README.md',
      '日本語/文件.txt': 'deleted',
      日本語: '100644 file\n',
    });
    expect(leftOut).toEqual([]);
  });

  it('a file replaced by a folder, and by a pipe', async () => {
    run(work, 'rm answer.txt; mkdir answer.txt; echo x > answer.txt/inner; rm README.md; mkfifo README.md');
    expect(await deliver({ edited: ['answer.txt/inner'] })).toEqual({
      changes: { 'answer.txt': 'deleted', 'answer.txt/inner': '100644 x\n', 'README.md': 'deleted' },
      leftOut: [],
    });
  });

  it('tracked files in folders that are repositories or links now', async () => {
    run(work, 'git init -q src; echo "int y;" > src/main.c; mv 日本語 real; ln -s real 日本語');
    const { changes } = await deliver();
    expect(changes).toEqual({
      'src/main.c': '100644 int y;\n',
      '日本語/文件.txt': 'deleted',
      'real/文件.txt': '100644 x\n',
    });
  });

  it('a file that an edit tool wrote through a folder that is a link', async () => {
    run(work, 'ln -s src link; echo new > link/new.c');
    const { tree, realPaths } = await listWorkTree(session, { commit: start, repository: base }, ['link/new.c']);
    expect(realPaths).toEqual(new Map([['link/new.c', 'src/new.c']]));
    expect(tree.requested).toEqual([{ path: 'src/new.c', isIgnored: false }]);
  });

  it('nothing, if nothing differs', async () => {
    run(work, 'touch junk; chmod g+w answer.txt');
    expect(await deliver()).toEqual({ changes: {}, leftOut: ['junk untracked'] });
  });
});

describe('line ends and encodings', () => {
  it('normalises changed and new files by the attributes', async () => {
    put('.gitattributes', '*.txt text=auto\n');
    put('new.txt', 'a\r\nb\r\n');
    put('win.txt', 'one\r\nzwei\r\n');
    expect((await deliver({ edited: ['.gitattributes', 'new.txt'] })).changes).toEqual({
      '.gitattributes': '100644 *.txt text=auto\n',
      'new.txt': '100644 a\nb\n',
      'win.txt': '100644 one\r\nzwei\r\n',
    });
  });
});

describe('limits', () => {
  it('a large file is refused by name', async () => {
    run(work, 'truncate -s 51M answer.txt');
    await expect(deliver()).rejects.toThrow(new InvalidError({ change: 'answer.txt is larger than 50 MB' }));
  });

  it('a file that git cannot convert is refused', async () => {
    put('.gitattributes', '*.txt working-tree-encoding=UTF-16\n');
    put('answer.txt', 'odd');
    await expect(deliver({ edited: ['.gitattributes'] })).rejects.toThrow(InvalidError);
  });

  it('leaves nothing behind', async () => {
    symlinkSync('/tmp', join(work, 'link'));
    const before = run('/tmp', 'ls -d /tmp/teko.?????????? 2>/dev/null | wc -l');
    await deliver();
    expect(run('/tmp', 'ls -d /tmp/teko.?????????? 2>/dev/null | wc -l')).toBe(before);
    expect(readFileSync(join(work, 'answer.txt'), 'utf8')).toBe('41\n');
  });
});

describe('line ends and encodings of the source', () => {
  let saved: string;
  beforeAll(() => void (saved = folder));
  it.each([['* text=auto\n'], ['* text\n'], ['*.txt text eol=crlf\n'], ['mixed.txt text eol=crlf\nwin.txt text\n']])(
    'no phantom changes under %j',
    async (attributes) => {
      // The attributes come last, so that the source has line ends that they would convert.
      setUp(
        { 'README.md': 'Read me.\n', 'win.txt': 'one\r\ntwo\r\n', 'mixed.txt': 'a\r\nb\nc\r\n' },
        { '.gitattributes': attributes },
      );
      expect(await deliver()).toEqual({ changes: {}, leftOut: [] });
      put('README.md', 'Changed.\n');
      expect((await deliver()).changes).toEqual({ 'README.md': '100644 Changed.\n' });
      rmSync(folder, { recursive: true, force: true });
      folder = saved;
    },
  );
});
