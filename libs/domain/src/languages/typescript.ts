import { failingJestTest, failingMochaTest, failingNodeTest, failingVitestTest } from './failing-javascript-test';
import type { Language } from './language';

/** Matches calls of an installed program by npx, another package manager or its path. */
function invocationOf(program: string): RegExp {
  return new RegExp(
    `^((npx( --no-install| --no)?|npm exec --|yarn( run)?|pnpm( exec)?) |(\\.\\/)?node_modules\\/\\.bin\\/)?${program}( |$)`,
  );
}

/** TypeScript and JavaScript on Node. */
export const typescript: Language = {
  id: 'typescript',
  title: 'TypeScript/JavaScript',
  linguist: ['TypeScript', 'JavaScript', 'TSX', 'JSX', 'Vue', 'Svelte'],
  manifests: ['package.json'],
  packageManagers: [
    { id: 'pnpm', markers: ['pnpm-lock.yaml'], setup: 'pnpm install --frozen-lockfile' },
    { id: 'yarn', markers: ['yarn.lock'], setup: 'yarn install --immutable' },
    { id: 'npm', markers: ['package-lock.json'], setup: 'npm ci' },
    { id: 'npm', markers: ['package.json'], setup: 'npm install --no-audit --no-fund' },
  ],
  testRunners: [
    {
      id: 'vitest',
      markers: [{ file: 'package.json', contains: '"vitest' }],
      command: 'npx --no-install vitest run',
      invocation: invocationOf('vitest'),
      report: {
        format: 'junit',
        args: '--reporter=default --reporter=junit --outputFile.junit={report}',
        after: null,
        naming: 'path',
      },
      keepGoing: '--bail=0',
      addFailingTest: failingVitestTest,
    },
    {
      id: 'jest',
      markers: [{ file: 'package.json', contains: '"jest"' }],
      command: 'npx --no-install jest --ci',
      invocation: invocationOf('jest'),
      report: { format: 'jest', args: '--json --outputFile={report}', after: null, naming: 'path' },
      keepGoing: '--bail=0',
      addFailingTest: failingJestTest,
    },
    {
      id: 'mocha',
      markers: [{ file: 'package.json', contains: '"mocha"' }],
      command: 'npx --no-install mocha',
      invocation: invocationOf('mocha'),
      report: { format: 'junit', args: '--reporter xunit --reporter-option output={report}', after: null },
      keepGoing: '--no-bail',
      addFailingTest: failingMochaTest,
      testContent: /^\s*(describe|suite|it|test|specify)(\.\w+)?\(\s*['"`]/m,
    },
    {
      id: 'node',
      markers: [{ file: 'package.json', contains: 'node --test' }],
      command: 'node --test',
      invocation: /^node( --?\S+)* --test( |$)/,
      report: {
        format: 'junit',
        args: '--test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination={report}',
        after: / --test(?= |$)/,
      },
      keepGoing: null,
      addFailingTest: failingNodeTest,
      testContent: /['"]node:test['"]/,
    },
    {
      id: 'npm',
      markers: [{ file: 'package.json', contains: '"test"' }],
      command: 'npm test',
      invocation: null,
      report: null,
      keepGoing: null,
      addFailingTest: null,
    },
  ],
  lint: [{ markers: [{ file: 'package.json', contains: '"lint"' }], command: 'npm run lint' }],
  frameworks: {
    '@nestjs/core': 'NestJS',
    express: 'Express',
    fastify: 'Fastify',
    koa: 'Koa',
    next: 'Next.js',
    nuxt: 'Nuxt',
    react: 'React',
    vue: 'Vue',
    svelte: 'Svelte',
    '@angular/core': 'Angular',
    'react-admin': 'react-admin',
    electron: 'Electron',
    typeorm: 'TypeORM',
    prisma: 'Prisma',
  },
  testFiles: [
    /(^|\/)(__tests__|tests?|spec|e2e)\/.*\.[cm]?[jt]sx?$/i,
    /(\.spec|[._-]test)\.[cm]?[jt]sx?$/i,
    /(^|\/)test\.[cm]?[jt]sx?$/i,
  ],
  sourceFiles: /(?<!\.d)\.([cm]?[jt]sx?|vue|svelte)$/i,
  runnerFiles: [
    /(^|\/)(package\.json|npm-shrinkwrap\.json|deno\.jsonc?|bunfig\.toml|(nx|turbo|lerna|project|rush|node\.config)\.json)$/,
    /(^|\/)(jest|vitest|vite|ava|karma|mocha|babel|tap|c8|nyc|playwright|cypress|wdio|web-test-runner|jasmine|esbuild|swc|rollup|webpack)([.-][^/]+)*\.(config|conf|workspace|setup|projects|preset)(\.[^/]+)?\.([cm]?[jt]sx?|json5?|ya?ml)$/,
    /(^|\/)(setup-?tests?|test-?setup|(jest|vitest|mocha|test)[.-](setup|global|environment|reporter|runner|preload|hooks?)[^/]*|(global-?setup|global-?teardown))\.[cm]?[jt]sx?$/,
    /(^|\/)\.(mocharc|taprc|c8rc|nycrc|babelrc|swcrc|npmrc|yarnrc|nvmrc|node-version|tool-versions|pnpmfile|jestrc)([.-][^/]*)?$/,
    /(^|\/)[jt]sconfig[^/]*\.json$/,
    /(^|\/)(pnpm-workspace\.yaml|mocha\.opts|jasmine\.json|\.pnp\.[cm]?js)$/,
    /(^|\/)node_modules\//,
    /^\.yarn\//,
  ],
  shadows: [],
  failingLine: (id) => `throw new Error("${id}");`,
  failingEnd: (_source, id) => `;throw new Error("${id}");`,
  doctests: null,
  conventions:
    'Follow the module system (ESM or CommonJS) and the formatting of the neighbouring files. Keep types strict; never silence the compiler or the linter. Do not edit lock files or generated output.',
};
