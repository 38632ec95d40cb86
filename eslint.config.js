import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

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

/** The import rules of docs/architecture.md. */
const depConstraints = [
  { sourceTag: 'scope:contracts', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'scope:domain', onlyDependOnLibsWithTags: ['scope:contracts'] },
  { sourceTag: 'scope:platform', onlyDependOnLibsWithTags: ['scope:domain', 'scope:contracts'] },
  { sourceTag: 'scope:identity', onlyDependOnLibsWithTags: base },
  { sourceTag: 'scope:testing', onlyDependOnLibsWithTags: base },
  { sourceTag: 'scope:adapter', onlyDependOnLibsWithTags: base },
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
const tests = [
  '**/*.spec.ts',
  '**/*.spec.tsx',
  '**/*.int-spec.ts',
  '**/*.e2e-spec.ts',
  '**/*.fixture.ts',
  'apps/e2e/**',
];

export default tseslint.config(
  { ignores: ['**/dist', '**/node_modules', '**/.teko', '**/.nx', 'apps/web/src/generated', 'apps/standalone/demo'] },
  ...tseslint.configs.recommended,
  {
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/no-redeclare': 'off',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['apps/**/*.ts', 'apps/**/*.tsx', 'libs/**/*.ts'],
    ignores: [...tests, 'apps/*/vite.config.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], checkDynamicDependenciesExceptions: ['.*'], depConstraints },
      ],
    },
  },
  {
    files: ['apps/api/**/*.controller.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MethodDefinition:has(Decorator > CallExpression[callee.name=/^(Get|Post|Put|Patch|Delete|Head|Options|All|Sse)$/]):not(:has(Decorator > CallExpression[callee.name="Endpoint"]))',
          message: 'A route says with @Endpoint who may call it.',
        },
      ],
    },
  },
  {
    files: ['apps/api/**/*.ts', 'apps/worker/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { name: '@teko/memory/chroma-server', message: 'Only the process that needs no service starts Chroma.' },
      ],
    },
  },
  { files: ['tools/**'], rules: { 'no-console': 'off' } },
);
