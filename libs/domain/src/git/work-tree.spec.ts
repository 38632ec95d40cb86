import { describe, expect, it } from 'vitest';
import { isReservedName } from './reserved-names';
import { selectFiles, type WorkTree } from './work-tree';

const TRACKED = new Set(['answer.txt', 'src/main.ts', 'lib/dist/kept.js', '.env']);
const nothing: WorkTree = { changed: [], deleted: [], untracked: [], requested: [], renamed: [], repositories: [] };
const select = (tree: Partial<WorkTree>, edited: string[] = [], named: string[] = []) =>
  selectFiles(
    { ...nothing, ...tree },
    { edited, named: named.map((path) => ({ path, reason: 'needed' })), tracked: TRACKED },
  );
const requested = (...paths: string[]) => paths.map((path) => ({ path, isIgnored: false }));
const written = (path: string, isIgnored = false) =>
  select({ untracked: isIgnored ? [] : [path], requested: [{ path, isIgnored }] }, [path]);

describe('selectFiles', () => {
  it('takes every change of tracked files', () => {
    expect(select({ changed: ['answer.txt', '.env'], deleted: ['src/main.ts'] })).toEqual({
      add: ['answer.txt', '.env'],
      remove: ['src/main.ts'],
      leftOut: [],
    });
  });

  it.each([
    'new.txt',
    '-n.txt',
    'tab\tname\n.txt',
    'src/日本語.ts',
    'lib/dist/new.js',
    '.envrc',
    '.vscode/tasks.json',
    '.npmrc',
    'id_rsa.pub',
    'keys.ts',
    'environment/.envoy.yaml',
    'build.rs',
    'targets/a.c',
  ])('takes the new file %j that an edit tool wrote', (path) => {
    expect(written(path)).toEqual({ add: [path], remove: [], leftOut: [] });
  });

  it.each([
    ['.env', 'secret'],
    ['.env.local', 'secret'],
    ['app/.ENV.production', 'secret'],
    ['certs/server.pem', 'secret'],
    ['ID_RSA', 'secret'],
    ['home/.ssh/config', 'secret'],
    ['.netrc', 'secret'],
    ['.DS_Store', 'system'],
    ['src/.main.ts.swp', 'system'],
    ['main.ts~', 'system'],
    ['.idea/workspace.xml', 'system'],
    ['._answer.txt', 'system'],
    ['target/classes.bin', 'generated'],
    ['dist/main.js', 'generated'],
    ['packages/a/node_modules/b/index.js', 'generated'],
    ['venv/bin/activate', 'generated'],
    ['.venv/x', 'generated'],
    ['a/__pycache__/b.cpython-312.pyc', 'generated'],
    ['module.pyc', 'generated'],
    ['coverage/index.html', 'generated'],
    ['.git/config', 'reserved'],
    ['.GIT/config', 'reserved'],
    ['a/git~1/hooks/x', 'reserved'],
    ['.g\u200cit/config', 'reserved'],
  ])('never takes the new file %j: %s', (path, reason) => {
    expect(written(path)).toEqual({ add: [], remove: [], leftOut: [{ path, reason }] });
    expect(select({ requested: requested(path) }, [], [path])).toMatchObject({ add: [] });
    expect(select({ renamed: [{ from: 'answer.txt', to: path }] })).toMatchObject({ add: [] });
  });

  it('leaves ignored files out unless the agent names them', () => {
    expect(written('out/report.log', true).leftOut).toEqual([{ path: 'out/report.log', reason: 'ignored' }]);
    const requestedLog = [{ path: 'out/report.log', isIgnored: true }];
    expect(select({ requested: requestedLog }, [], ['out/']).add).toEqual(['out/report.log']);
  });

  it('leaves out files that nobody asked for, and names whole folders', () => {
    const untracked = ['tmp/', 'tmp/a', 'tmp/deep/b', 'pkg/', 'pkg/a.ts', 'pkg/scratch', 'loose'];
    const { add, leftOut } = select({ untracked, requested: requested('pkg/a.ts') }, ['pkg/a.ts']);
    expect(add).toEqual(['pkg/a.ts']);
    expect(leftOut.map(({ path }) => path)).toEqual(['loose', 'pkg/scratch', 'tmp/']);
  });

  it('leaves out nested repositories, even if an edit tool wrote into them', () => {
    const tree = {
      untracked: ['fixtures/', 'fixtures/sample/'],
      requested: requested('fixtures/sample/'),
      repositories: ['fixtures/sample/'],
    };
    expect(select(tree, ['fixtures/sample/a.txt'], ['fixtures'])).toEqual({
      add: [],
      remove: [],
      leftOut: [{ path: 'fixtures/', reason: 'repository' }],
    });
  });

  it('takes the new name of a renamed file', () => {
    const tree = { deleted: ['answer.txt'], untracked: ['reply.txt', 'b.txt'] };
    expect(select({ ...tree, renamed: [{ from: 'answer.txt', to: 'reply.txt' }] })).toEqual({
      add: ['reply.txt'],
      remove: ['answer.txt'],
      leftOut: [{ path: 'b.txt', reason: 'untracked' }],
    });
  });
});

it.each([
  [
    '.git',
    '.GIT',
    '.Git ',
    '.git.',
    '.git...',
    '.git::$INDEX_ALLOCATION',
    'git~1',
    'GIT~12',
    '.g\u200cit',
    '\ufeff.git',
    '..',
    '.',
    '',
    'a\\.git',
    '..\\x',
    '．git',
  ],
])('reserved: %j', (...names) => {
  expect(names.filter((name) => !isReservedName(name))).toEqual([]);
});
it('other names are not reserved', () => {
  const names = ['.gitignore', '.github', 'git', 'git~', '.git2', 'a.git', '...', 'gitx~1', 'a:b', 'ü'];
  expect(names.filter(isReservedName)).toEqual([]);
});
