/* Where a new noun is registered: each file, and what is added to it. */
import { addAfterLast, addBefore, addImport, addLike, addName, addTo, append, edit } from './edits.mjs';

/** A noun that belongs to repositories, and one that does not: some of their lines are repeated with other words. */
const MODELS = {
  scoped: { Pascal: 'Insight', camel: 'insight', camels: 'insights' },
  plain: { Pascal: 'Budget', camel: 'budget', camels: 'budgets' },
};

/** Adds the noun of `names` everywhere. */
export function register(tree, names, options) {
  const { Pascal } = names;
  registerInLibraries(tree, names, options, {
    model: options.scoped ? MODELS.scoped : MODELS.plain,
    repository: `${Pascal}Repository`,
  });
  registerInApi(tree, names, options);
  registerInPanel(tree, names);
}

function registerInLibraries(tree, names, { scoped, long }, { model, repository }) {
  const { kebab, kebabs, camel, camels, Pascal, pluralTitle, builder } = names;
  const listOfSubjects = scoped ? /const REPOSITORY_SUBJECTS = \[/ : /const SUBJECTS = \[/;
  edit(
    tree,
    'libs/contracts/src/permissions.ts',
    addTo(listOfSubjects, `'${Pascal}'`),
    // Every built-in role can read the subjects of repositories; this one is left out until somebody decides.
    ...(scoped ? [addAfterLast(/= REPOSITORY_SUBJECTS(?=\.)/g, `.filter((subject) => subject !== '${Pascal}')`)] : []),
  );
  edit(
    tree,
    'libs/domain/src/index.ts',
    append(`
// ${pluralTitle}
export type { ${Pascal} } from './${kebab}/${kebab}';
export { ${repository} } from './${kebab}/${kebab}.repository';`),
  );
  edit(
    tree,
    'libs/identity/src/protected-rows.service.ts',
    addName('@teko/domain', repository),
    addTo(/constructor\(/, `@Inject(${repository}) ${camels}: ${repository}`),
    addLike(new RegExp(`^ *${model.Pascal}: .*\\b${model.camels}\\b.*,$`, 'm'), {
      [model.Pascal]: Pascal,
      [model.camels]: camels,
    }),
  );
  const persistence = 'libs/adapters/persistence/src';
  edit(
    tree,
    `${persistence}/entities.ts`,
    addImport(`import { ${camel}Tables } from './${kebab}-tables';`),
    addTo(/function tables\([^]*?\n {2}return \{/, `...${camel}Tables(${long ? 'mysql' : ''})`),
  );
  edit(
    tree,
    `${persistence}/database.ts`,
    addImport(`import { Typeorm${repository} } from './${kebab}.typeorm-repository';`),
    addTo(/function repositoriesOn\([^]*?\n {2}return \{/, `${repository}: new Typeorm${repository}(store)`),
  );
  const testing = 'libs/testing/src/repositories';
  edit(
    tree,
    `${testing}/in-memory.ts`,
    addName('@teko/domain', repository),
    addImport(`import { ${camel}Repository } from './in-memory-${kebabs}';`),
    addAfterLast(/^ {2}\w+Repository: \w+Repository;$/gm, `\n  ${repository}: ${repository};`),
    addLike(new RegExp(`^ *${model.Pascal}Repository: ${model.camel}Repository\\(.*\\),$`, 'm'), {
      [model.Pascal]: Pascal,
      [model.camel]: camel,
    }),
  );
  edit(tree, `${testing}/index.ts`, append(`export { ${builder} } from './${kebab}-builder';`));
  edit(tree, 'libs/testing/src/index.ts', addName('./repositories', builder));
  edit(
    tree,
    `${testing}/contracts/index.ts`,
    addImport(`import { ${camel}Contract } from './${kebabs}';`),
    addTo(/const contracts = \[/, `${camel}Contract`),
  );
}

function registerInApi(tree, { kebabs, camel, Pascal, Pascals, builder }, { scoped }) {
  edit(
    tree,
    'apps/api/src/api.module.ts',
    addImport(`import { ${Pascals}Controller } from './resources/${kebabs}/${kebabs}.controller';`),
    addTo(/controllers: \[/, `${Pascals}Controller`, { sorted: true }),
  );
  const insertRows = /async function insertRows\(/;
  edit(
    tree,
    'apps/api/src/access-table.spec.ts',
    addName('@teko/testing', builder),
    addBefore(
      /^ {2}return \{$/m,
      `  const ${camel} = ${builder}(${scoped ? '{ repositoryId }' : ''});
  await rows.${Pascal}Repository.insert(${camel});\n`,
      insertRows,
    ),
    addTo(/async function insertRows\([^]*?\n {2}return \{/, camel),
    addTo(/: Record<string, keyof Rows> = \{/, `'${kebabs}': '${camel}'`),
  );
}

function registerInPanel(tree, { kebabs, camels, Pascal, words, title, pluralTitle }) {
  edit(
    tree,
    'apps/web/src/App.tsx',
    addImport(`import { ${camels} } from './resources/${kebabs}';`),
    addAfterLast(/^ *<Resource name=.*\/>$/gm, `\n<Resource name="${kebabs}" {...${camels}} />`),
  );
  edit(
    tree,
    'apps/web/src/providers/auth-provider.ts',
    addTo(/: Record<string, Subject> = \{/, `'${kebabs}': '${Pascal}'`),
  );
  edit(
    tree,
    'apps/web/src/providers/http.ts',
    addAfterLast(/^export type \w+ = Schemas\['\w+'\];$/gm, `\nexport type ${Pascal} = Schemas['${Pascal}Dto'];`),
  );
  edit(
    tree,
    'apps/web/src/providers/i18n-provider.ts',
    addTo(
      /const resources = \{/,
      `'${kebabs}': texts('${words}', 'New ${words}', { name: '${title} |||| ${pluralTitle}' })`,
    ),
  );
  edit(
    tree,
    'apps/e2e/src/panel.e2e-spec.ts',
    addTo(/const screens = \(\) => \[/, `['${kebabs}', '#/${kebabs}'], ['${kebabs}-create', '#/${kebabs}/create']`),
  );
}
