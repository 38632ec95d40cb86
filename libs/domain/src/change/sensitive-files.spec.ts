import { describe, expect, it } from 'vitest';
import { foldPath } from '../text/folded-path';
import { ORDINARY, SENSITIVE } from './sensitive-files.fixture';
import { sensitiveFiles, type ApprovalPolicy, type ChangedFile } from './sensitive-files';

const REGULAR = '100644';

function reasonsOf(path: string, file: Partial<ChangedFile> = {}, policy: Partial<ApprovalPolicy> = {}): string | null {
  const [found] = sensitiveFiles([{ path, oldMode: REGULAR, mode: REGULAR, ...file }], { rule: 'risky', ...policy });
  expect(found?.path ?? path).toBe(path);
  return found?.reason ?? null;
}

const words = (text: string) => text.trim().split(/\s+/);

describe('sensitiveFiles', () => {
  const rows = Object.entries(SENSITIVE).flatMap(([reason, paths]) =>
    words(paths).map((path) => [path, reason] as const),
  );
  it.each(rows)('%s: %s', (path, reason) => expect(reasonsOf(path)).toContain(reason));

  it.each(words(ORDINARY))('%s is ordinary', (path) => expect(reasonsOf(path)).toBeNull());

  it.each([
    ['src/a.ts\u200b', 'invisible characters'],
    ['src/\u202ets.a', 'invisible characters'],
    ['src/a\n.ts', 'invisible characters'],
    ['src/ａ.ts', 'looks like another name'],
    ['src/\u212aey.ts', 'looks like another name'],
    ['src/p\u0430y.ts', 'looks like another name'],
    ['src/a.ts.', 'looks like another name'],
    ['src/a.ts ', 'looks like another name'],
    ['src/a.ts::$DATA', 'looks like another name'],
    ['src\\a.ts', 'looks like another name'],
    ['src/PACKAG~1.ts', 'looks like another name'],
    [`src/${'a'.repeat(300)}.ts`, 'very long'],
    [`src/${'a/'.repeat(600)}b.ts`, 'very long'],
  ])('the name %j cannot be preapproved', (path, reason) =>
    expect(reasonsOf(path, {}, { isPreapproved: () => true })).toContain(reason),
  );

  it.each([
    ['ａgents.md', 'Later agents read it'],
    ['AGENT\u017f.md', 'Later agents read it'],
    ['CLAUDE.md\u200d', 'Later agents read it'],
    ['.teko.yml.', 'Teko reads'],
    ['.teko.yml:x', 'Teko reads'],
    ['.g\u0131thub/workflows/a.yml', 'CI or the forge'],
    ['.git\u200chub/workflows/a.yml', 'CI or the forge'],
    ['.github /workflows/a.yml', 'CI or the forge'],
    ['package.json . .', 'package manager'],
    ['src\\..\\package.json', 'package manager'],
  ])('%j is compared folded', (path, reason) => expect(reasonsOf(path, {}, { rule: 'risky' })).toContain(reason));

  it.each<[string, Partial<ChangedFile>, string | null]>([
    ['src/a.ts', { oldMode: null }, null],
    ['src/a.ts', { mode: null }, null],
    ['src/a.ts', { mode: '120000' }, 'symbolic link'],
    ['src/a.ts', { oldMode: null, mode: '120000' }, 'symbolic link'],
    ['src/a.ts', { oldMode: '120000', mode: null }, null],
    ['src/sub', { oldMode: null, mode: '160000' }, 'submodule'],
    ['src/a.ts', { mode: '100755' }, 'becomes executable'],
    ['src/a.ts', { oldMode: null, mode: '100755' }, 'becomes executable'],
    ['src/a.ts', { oldMode: '100755', mode: '100755' }, null],
    ['src/a.ts', { isNewScript: true }, 'becomes a script'],
    ['notes.txt', { addsSecret: 'private_key' }, 'It contains a private key.'],
    ['src/a.ts', { addsSecret: 'access_token' }, 'It contains what looks like an access token.'],
    ['src/a.ts', { addsSecret: null }, null],
    ['src/a.ts', { steersTests: true }, 'The tests are started or steered by it.'],
    ['random.py', { oldMode: null }, 'The tests are started or steered by it.'],
    ['random.py', {}, null],
    ['.github/workflows/ci.yml', { mode: null }, 'CI or the forge'],
  ])('%s with %o: %s', (path, file, reason) =>
    expect(reasonsOf(path, file)).toEqual(reason === null ? null : expect.stringContaining(reason)),
  );

  it('finds files whose names differ only on some systems', () => {
    const paths = ['src/Price.ts', 'src/price.ts', 'src/a.ts'];
    expect(reasonsOf('src/price.ts', {}, { paths })).toBe('Some systems take it for src/Price.ts.');
    expect(reasonsOf('src/price.ts', { mode: null }, { paths })).toBeNull();
    expect(reasonsOf('src/a.ts', {}, { paths })).toBeNull();
  });

  const preapproved = { isPreapproved: () => true };
  it.each<[string, Partial<ChangedFile>, boolean, boolean, boolean]>([
    // path, change, needs approval under: risky, risky and preapproved, never
    ['.teko.yml', {}, true, true, true],
    ['docs/agents.md', {}, true, true, true],
    ['.github/workflows/ci.yml', {}, true, false, true],
    ['CODEOWNERS', {}, true, false, true],
    ['.github/workflows/ci.yml', { mode: '120000' }, true, true, true],
    ['package.json', {}, true, false, false],
    ['scripts/a.sh', { mode: '100755' }, true, false, false],
    ['src/a.ts', { mode: '120000' }, true, true, false],
    ['notes.txt', { addsSecret: 'private_key' }, true, true, false],
    ['src/a.ts', {}, false, false, false],
  ])('%s %o needs approval under risky: %s, preapproved: %s, never: %s', (path, file, risky, named, never) => {
    expect(reasonsOf(path, file) !== null).toBe(risky);
    expect(reasonsOf(path, file, { rule: 'always' }) !== null).toBe(risky);
    expect(reasonsOf(path, file, preapproved) !== null).toBe(named);
    expect(reasonsOf(path, file, { rule: 'never' }) !== null).toBe(never);
    if (!named) expect(reasonsOf(path, file, { rule: 'never', ...preapproved })).toBeNull();
  });

  it('answers quickly for names made to be slow', () => {
    const names = [
      'a_'.repeat(120),
      '-lock.'.repeat(40),
      'requirement'.repeat(22),
      `.${'~1'.repeat(120)}`,
      '.conf'.repeat(50),
    ];
    const files = names.flatMap((name) =>
      ['', '.json', '.!'].map((end) => ({ path: name + end, oldMode: null, mode: REGULAR })),
    );
    const start = performance.now();
    sensitiveFiles(files, { rule: 'risky' });
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

it.each([
  ['SRC/A.ts', 'src/a.ts'],
  ['Ｐackage.JSON', 'package.json'],
  ['.git\u200d/config. ', '.git/config'],
  ['straße', 'strasse'],
  ['a:b', 'a'],
])('foldPath(%j) is %j', (path, folded) => expect(foldPath(path)).toBe(folded));
