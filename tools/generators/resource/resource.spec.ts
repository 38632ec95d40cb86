import { expect, it } from 'vitest';
import { addBefore, addImport, addLike, addName, addTo } from './edits.mjs';
import { fieldsOf } from './fields.mjs';
import { namesOf } from './names.mjs';

it.each([
  ['widget', 'widgets', 'Widgets', 'aWidget'],
  ['api-key', 'api-keys', 'ApiKeys', 'anApiKey'],
  ['status-category', 'status-categories', 'StatusCategories', 'aStatusCategory'],
  ['code-branch', 'code-branches', 'CodeBranches', 'aCodeBranch'],
  ['mailbox', 'mailboxes', 'Mailboxes', 'aMailbox'],
])('the plural of %s is %s', (noun, kebabs, Pascals, builder) => {
  expect(namesOf(noun)).toMatchObject({ kebabs, Pascals, builder, table: kebabs.replaceAll('-', '_') });
});

it('a plural can be given', () => {
  expect(namesOf('vertex', 'vertices')).toMatchObject({ camel: 'vertex', camels: 'vertices', Pascals: 'Vertices' });
});

it.each([
  ['Widget', undefined, 'noun: "Widget" must be words of a-z'],
  ['widget2', undefined, 'noun: "widget2" must be words of a-z'],
  ['../widget', undefined, 'must be words of a-z'],
  ['a'.repeat(31), undefined, 'at most 30 characters'],
  ['widget', 'Widgets', 'plural: "Widgets" must be words of a-z'],
  ['news', 'news', 'plural: must differ from the noun'],
  ['date', undefined, 'is reserved'],
  ['class', undefined, 'is reserved'],
  ['migration', undefined, 'is reserved'],
])('refuses the noun %s with the plural %s', (noun, plural, message) => {
  expect(() => namesOf(noun, plural)).toThrow(message);
});

it('fields begin with the name, given or not', () => {
  const names = (list: string) => fieldsOf(list, 'Widget 1').map(({ name, type }) => `${name}:${type}`);
  expect(names('')).toEqual(['name:string']);
  expect(names('name:string, maxSize:int,note:text,isOpen:boolean')).toEqual([
    'name:string',
    'maxSize:int',
    'note:text',
    'isOpen:boolean',
  ]);
});

it.each([
  ['limit', '"limit" must look like limit:int'],
  ['max_size:int', 'must look like limit:int'],
  ['a:int:b', 'must look like limit:int'],
  ['limit:float', 'must have one of the types string, text, int, boolean'],
  ['limit:toString', 'must have one of the types'],
  ['limit:int,limit:text', '"limit" is given twice'],
  ['id:string', '"id" is reserved'],
  ['name:text', '"name" is reserved'],
  ['sort:boolean', '"sort" is reserved'],
])('refuses the fields %s', (list, message) => {
  expect(() => fieldsOf(list, 'Widget 1')).toThrow(message);
});

it('an import goes beside those of its folder, in order', () => {
  const text = "import { a } from './x/a';\nimport { c } from './x/c';\nimport z from './z';\n";
  const added = (path: string) => addImport(`import { n } from '${path}';`)(text).split('\n');
  expect(added('./x/b').indexOf("import { n } from './x/b';")).toBe(1);
  expect(added('./x/d').indexOf("import { n } from './x/d';")).toBe(2);
  expect(added('./y/deep/b').indexOf("import { n } from './y/deep/b';")).toBe(2);
  expect(() => addImport("import { n } from 'other/n';")(text)).toThrow("no import beside 'other/n' was found");
});

it('a name goes into the list of its module, in order', () => {
  const text = "import type {\n  A,\n  type C,\n} from 'm';\nexport { B } from './n';\n";
  expect(addName('m', 'B')(text)).toContain('A,\n  B, type C,\n}');
  expect(addName('./n', 'C')(text)).toContain('export { B, C }');
  expect(() => addName('./o', 'A')(text)).toThrow("no list of names from './o' was found");
});

it('an item goes into the list that a marker opens, past inner lists, strings and comments', () => {
  const text = "other([1]);\nconst list = [\n  f(1, [2]),\n  '],', // ]\n  `]`,\n];\nconst next = [];\n";
  expect(addTo(/const list = \[/, 'new')(text)).toContain('`]`, new,\n];');
  expect(addTo(/const next = \[/, 'new')(text)).toContain('const next = [new];');
  expect(addTo(/const list = \[/, 'a', { sorted: true })('const list = [A, b];')).toBe('const list = [A, a, b];');
  expect(() => addTo(/const gone = \[/, 'new')(text)).toThrow('/const gone = \\[/ was not found');
  expect(() => addTo(/const list = \[/, 'new')('const list = [1,')).toThrow('a list does not end');
});

it('a line is repeated with other words, and text goes before the first match after another', () => {
  expect(addLike(/^ *Old: .*$/m, { Old: 'New', old: 'new' })('{\n  Old: of(old),\n}')).toBe(
    '{\n  Old: of(old),\n  New: of(new),\n}',
  );
  expect(addBefore(/end/, 'new ', /second\(/)('end; second( end')).toBe('end; second( new end');
  expect(() => addBefore(/end/, 'new ', /second\(/)('end; second(')).toThrow('/end/ was not found');
  expect(() => addLike(/old/, {})('')).toThrow('/old/ was not found');
});
