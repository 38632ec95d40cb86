import nx from '@nx/eslint-plugin';
import jsonc from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';
import { declaredTestDependencies } from './tools/lint/declared-test-dependencies.mjs';
import { depConstraints, noCommandSyntax, nodeModuleRules } from './tools/lint/import-rules.mjs';
import { requireProjectGraph } from './tools/lint/project-graph.mjs';
import { retiredWordsRule } from './tools/lint/retired-words.mjs';

await requireProjectGraph();

const tests = [
  '**/*.spec.ts',
  '**/*.spec.tsx',
  '**/*.int-spec.ts',
  '**/*.e2e-spec.ts',
  '**/*.fixture.ts',
  '**/*.contract.ts',
  'apps/e2e/**',
];
const code = ['**/*.{js,mjs,ts,tsx}'];
const teko = {
  rules: { 'declared-test-dependencies': declaredTestDependencies, 'retired-words': retiredWordsRule },
};

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/out-tsc',
      '**/out-dev',
      '**/node_modules',
      '**/.teko',
      '**/.nx',
      'apps/web/src/generated',
      'apps/standalone/demo',
    ],
  },
  ...tseslint.configs.recommended.map((config) => ({ files: code, ...config })),
  {
    files: code,
    plugins: { '@nx': nx, teko },
    rules: {
      'teko/retired-words': ['error', { texts: true }],
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
  ...nodeModuleRules([...tests, '**/vite.config.ts']),
  {
    files: ['apps/api/**/*.controller.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...noCommandSyntax,
        {
          selector:
            'MethodDefinition:has(Decorator > CallExpression[callee.name=/^(Get|Post|Put|Patch|Delete|Head|Options|All|Sse)$/]):not(:has(Decorator > CallExpression[callee.name="Endpoint"]))',
          message: 'A route says with @Endpoint who may call it.',
        },
      ],
    },
  },
  {
    files: ['{apps,libs}/**/package.json', 'tools/**/package.json'],
    languageOptions: { parser: jsonc },
    plugins: { '@nx': nx, teko },
    rules: {
      'teko/declared-test-dependencies': 'error',
      '@nx/dependency-checks': [
        'error',
        {
          // Every project has this target; most have no build.
          buildTargets: ['typecheck'],
          ignoredFiles: [...tests, '**/vite.config.ts', '{projectRoot}/tools/**'],
          // TypeORM and `createRequire` load these.
          ignoredDependencies: ['libsql', 'mysql2'],
        },
      ],
    },
  },
  { files: ['tools/**'], rules: { 'no-console': 'off' } },
  // They name the words that are retired.
  {
    files: ['tools/lint/retired-words.spec.ts', 'libs/adapters/persistence/src/migrations/*.ts'],
    rules: { 'teko/retired-words': 'off' },
  },
);
