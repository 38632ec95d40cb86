/* Import rules: the layers of docs/architecture.md, and the third-party packages and Node modules that each layer can import. */
import { builtinModules } from 'node:module';

const base = ['scope:domain', 'scope:contracts', 'scope:platform'];
const laterStages = {
  intake: ['analysis', 'scheduling', 'execution', 'feedback'],
  analysis: ['scheduling', 'execution', 'feedback'],
  scheduling: ['execution', 'feedback'],
  execution: ['feedback'],
  feedback: [],
};
const adapters = ['persistence', 'queue', 'local', 'github', 'models', 'sandbox', 'memory'];
const adapterTags = (names) => names.map((name) => `adapter:${name}`);
const stageTags = (names) => names.map((name) => `stage:${name}`);

const layers = [
  { sourceTag: 'scope:platform', onlyDependOnLibsWithTags: ['scope:domain', 'scope:contracts'] },
  { sourceTag: 'scope:identity', onlyDependOnLibsWithTags: base },
  { sourceTag: 'scope:testing', onlyDependOnLibsWithTags: base },
  ...adapterTags(adapters).map((sourceTag) => ({ sourceTag, onlyDependOnLibsWithTags: base })),
  ...Object.entries(laterStages).map(([stage, later]) => ({
    sourceTag: `stage:${stage}`,
    onlyDependOnLibsWithTags: [...base, ...stageTags(later)],
  })),
  {
    sourceTag: 'app:api',
    onlyDependOnLibsWithTags: [
      ...base,
      'scope:identity',
      ...stageTags(['intake', 'scheduling']),
      ...adapterTags(['persistence', 'queue', 'local', 'github', 'memory']),
    ],
  },
  { sourceTag: 'app:worker', onlyDependOnLibsWithTags: [...base, 'scope:flow', ...adapterTags(adapters)] },
  {
    sourceTag: 'app:standalone',
    onlyDependOnLibsWithTags: [
      ...base,
      'app:api',
      'app:worker',
      ...adapterTags(adapters),
      'scope:flow',
      'scope:identity',
    ],
  },
  { sourceTag: 'app:web', onlyDependOnLibsWithTags: ['scope:contracts'] },
];

/** Third-party packages that only layers with these tags can import. Every layer except contracts and domain can import other packages. */
const onlyIn = [
  [['typeorm', '@nestjs/typeorm', 'mysql2'], ['adapter:persistence']],
  [['libsql'], ['adapter:persistence', 'adapter:memory']],
  [['octokit', '@octokit/*'], ['adapter:github']],
  [
    ['@langchain/core', '@langchain/anthropic'],
    ['adapter:models', 'stage:execution'],
  ],
  [['@langchain/langgraph', '@langchain/langgraph-*'], ['stage:execution']],
  // The memory requests embeddings.
  [
    ['@langchain/openai', '@langchain/ollama'],
    ['adapter:models', 'adapter:memory'],
  ],
  [['chromadb', '@vscode/tree-sitter-wasm', 'stemmer'], ['adapter:memory']],
  [['bull', '@nestjs/bull'], ['adapter:queue']],
  [['ioredis'], ['adapter:queue', 'scope:testing']],
  [['vitest'], ['scope:testing']],
  [['passport', 'passport-*', '@nestjs/passport', 'openid-client', '@node-rs/argon2'], ['scope:identity']],
  [['@casl/ability'], ['scope:identity', 'app:api', 'app:web']],
  [['express'], ['app:api', 'scope:identity']],
  [['@nestjs/platform-express'], ['app:api', 'app:standalone']],
  [
    [
      '@nestjs/swagger',
      '@nestjs/throttler',
      'class-validator',
      'class-transformer',
      'cookie-parser',
      'cookie-session',
      'helmet',
    ],
    ['app:api'],
  ],
  [['react', 'react-*', 'ra-*', '@mui/*', '@tanstack/*'], ['app:web']],
];
const server = layers.map(({ sourceTag }) => sourceTag).filter((tag) => tag !== 'app:web');
onlyIn.push([['@nestjs/*'], server]);

const bannedFor = (tag) => onlyIn.flatMap(([names, tags]) => (tags.includes(tag) ? [] : names));

/** For @nx/enforce-module-boundaries. */
export const depConstraints = [
  { sourceTag: 'scope:contracts', onlyDependOnLibsWithTags: [], allowedExternalImports: [] },
  { sourceTag: 'scope:domain', onlyDependOnLibsWithTags: ['scope:contracts'], allowedExternalImports: [] },
  ...layers.map((layer) => ({ ...layer, bannedExternalImports: bannedFor(layer.sourceTag) })),
];

const message = 'Only the adapters for the sandbox, local git and Chroma can run commands.';
const RUNS_COMMANDS = ['child_process', 'cluster'];
const bothNames = (names) => names.flatMap((name) => [name, `node:${name}`]);
const commands = bothNames(RUNS_COMMANDS).map((name) => ({ name, message }));
const builtins = bothNames(builtinModules.filter((name) => !name.startsWith('node:'))).map((name) => ({
  name,
  message: 'Contracts, domain and panel cannot import Node modules.',
}));
const chroma = {
  name: '@teko/memory/chroma-server',
  message: 'Only the standalone process starts Chroma.',
};

/** Other ways to load a module: `import()`, `require` and every other call with its name. */
const named = `value=/^(node:)?(${RUNS_COMMANDS.join('|')})$/`;
export const noCommandSyntax = [
  { selector: `ImportExpression > Literal.source[${named}]`, message },
  { selector: `CallExpression > Literal.arguments[${named}]`, message },
  {
    selector: 'ImportExpression[source.type!="Literal"]',
    message: 'Import by a string literal, so that the import rules can check it.',
  },
  { selector: 'MemberExpression[object.name="process"][property.name="binding"]', message },
];
const noBuiltinSyntax = [
  {
    selector: 'ImportExpression[source.value=/^node:/]',
    message: 'Contracts, domain and panel cannot import Node modules.',
  },
  {
    selector: 'MemberExpression[object.name="process"][property.name="getBuiltinModule"]',
    message: 'Contracts, domain and panel cannot import Node modules.',
  },
];

const rules = (files, names, ignores, syntax = []) => ({
  files,
  ignores,
  rules: {
    'no-restricted-imports': ['error', { paths: names }],
    'no-restricted-syntax': ['error', ...noCommandSyntax, ...syntax],
  },
});

/** Restricts the Node modules of each layer; tests can import all of them. */
export const nodeModuleRules = (tests) => [
  rules(['{apps,libs}/**/*.{ts,tsx}'], commands, [
    ...tests,
    'libs/testing/**',
    'libs/adapters/sandbox/**',
    'libs/adapters/local/**',
    'libs/adapters/memory/src/vectors/**',
  ]),
  rules(['libs/{contracts,domain}/**/*.ts', 'apps/web/src/**/*.{ts,tsx}'], builtins, tests, noBuiltinSyntax),
  rules(['apps/{api,worker}/**/*.ts'], [...commands, chroma], tests),
];
