/* `npx nx g teko:resource release-note --fields body:text,pinned:boolean --repositoryScoped` */
import { fileURLToPath } from 'node:url';
import { formatFiles, generateFiles, logger, OverwriteStrategy, visitNotIgnoredFiles } from '@nx/devkit';
import { fieldsOf } from './fields.mjs';
import { namesOf } from './names.mjs';
import { register } from './registrations.mjs';

const TEMPLATES = fileURLToPath(new URL('files', import.meta.url));

/**
 * Creates a noun and registers it everywhere. Throws if the noun exists or a file does not look as expected.
 * @param {import('@nx/devkit').Tree} tree
 * @param {{ noun: string; plural?: string; fields?: string; repositoryScoped?: boolean }} options
 */
export default async function resourceGenerator(tree, { noun, plural, fields: list = '', repositoryScoped = false }) {
  const names = namesOf(noun, plural || undefined);
  const fields = fieldsOf(list, `${names.title} 1`);
  requireNew(tree, names);
  const options = { scoped: repositoryScoped, long: fields.some(({ column }) => column === 'text') };
  generateFiles(tree, TEMPLATES, '.', substitutions(names, fields, options), {
    overwriteStrategy: OverwriteStrategy.ThrowIfExisting,
  });
  register(tree, names, options);
  await formatFiles(tree);
  return () => logger.info(nextSteps(names, options));
}

function requireNew(tree, { kebab, kebabs, Pascal }) {
  const refuse = (path) => {
    throw new Error(`noun: "${kebab}" is taken, see ${path}`);
  };
  for (const folder of [`libs/domain/src/${kebab}`, `apps/api/src/resources/${kebabs}`])
    if (tree.exists(folder)) refuse(folder);
  const name = new RegExp(`\\b${Pascal}\\b(?!\\.)`);
  for (const path of ['libs/contracts/src/permissions.ts', 'libs/contracts/src/index.ts', 'libs/domain/src/index.ts'])
    if (name.test(tree.read(path, 'utf8') ?? '')) refuse(path);
  if (new RegExp(`^export type ${Pascal} =`, 'm').test(tree.read('apps/web/src/providers/http.ts', 'utf8') ?? ''))
    refuse('apps/web/src/providers/http.ts');
  // Classes of one name are one schema of the OpenAPI document.
  const schema = new RegExp(`\\bclass (Create|Update)?${Pascal}Dto\\b`);
  visitNotIgnoredFiles(tree, 'apps/api/src', (path) => {
    if (path.endsWith('.dto.ts') && schema.test(tree.read(path, 'utf8') ?? '')) refuse(path);
  });
}

function substitutions(names, fields, { scoped, long }) {
  const of = (key) => fields.flatMap((field) => field[key] ?? []);
  const namesWith = (key) => fields.filter((field) => field[key]).map(({ name }) => name);
  const booleans = namesWith('filtered');
  const scope = (...items) => (scoped ? items : []);
  const columns = fields.map(({ column }) => (column === 'text' ? 'longText' : column));
  const listed = fields.filter((field) => field.listed);
  const setFilters = [true, false].map((value) => booleans.map((name) => `, ${name}: ${value}`).join(''));
  const hasBooleans = booleans.length > 0;
  const references = scope('AutocompleteInput', 'ReferenceInput');
  return {
    ...names,
    fields,
    scoped,
    long,
    booleans,
    listed,
    setFilters,
    anyOf: (items) => new Intl.ListFormat('en', { type: 'disjunction' }).format(items),
    list: (items) => items.map((item) => `'${item}'`).join(', '),
    sort: ['createdAt', 'updatedAt', ...namesWith('sorted')],
    filters: [...scope('repositoryId'), ...booleans],
    search: namesWith('searched'),
    columns: unique(['id', 'date', ...scope('ref'), ...columns]),
    validators: unique([...scope('IsString'), ...of('validators')]),
    helpers: unique(['Id', 'When', ...of('helper')]),
    formImports: unique(['Create', 'Edit', 'SimpleForm', ...references, ...scope('required'), ...of('inputs')]),
    listImports: unique([
      ...['DataTable', 'List', 'SearchInput', 'SimpleList'],
      ...references,
      ...scope('ReferenceField'),
      ...(hasBooleans ? ['BooleanField', 'NullableBooleanInput'] : []),
    ]),
    showImports: unique([
      ...['DateField', 'DeleteButton', 'EditButton', 'Show', 'SimpleShowLayout', 'TopToolbar'],
      ...scope('ReferenceField'),
      ...of('display'),
    ]),
  };
}

function unique(names) {
  return [...new Set(names)].sort((a, b) => a.localeCompare(b));
}

function nextSteps({ kebabs, Pascal, wordsPlural }, { scoped }) {
  const access = `Only admins have access to ${wordsPlural}. Give other roles permissions such as read:${Pascal}`;
  return `
Next steps:
1. Write the migration, with MySQL or MariaDB running: npm run migration:generate -- ${kebabs}
2. Update the OpenAPI document, the access table and the types of the panel: npm run generate
3. ${access} in libs/contracts/src/permissions.ts.${scoped ? ` Without the filter for ${Pascal}, every role that reads repositories reads them too.` : ''}
4. Say what the noun means in libs/domain/src and docs/glossary.md, and choose an icon in apps/web/src/resources/${kebabs}/index.ts.`;
}
