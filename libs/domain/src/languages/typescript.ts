import type { Language } from './language';

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
      junitArgs: '--reporter=default --reporter=junit --outputFile.junit={report}',
    },
    {
      id: 'jest',
      markers: [{ file: 'package.json', contains: '"jest"' }],
      command: 'npx --no-install jest --ci',
      junitArgs: null,
    },
    {
      id: 'mocha',
      markers: [{ file: 'package.json', contains: '"mocha"' }],
      command: 'npx --no-install mocha',
      junitArgs: '--reporter xunit --reporter-option output={report}',
    },
    {
      id: 'node',
      markers: [{ file: 'package.json', contains: 'node --test' }],
      command: 'node --test',
      junitArgs:
        '--test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination={report}',
    },
    { id: 'npm', markers: [{ file: 'package.json', contains: '"test"' }], command: 'npm test', junitArgs: null },
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
    /\.(test|spec)\.[cm]?[jt]sx?$/i,
    /(^|\/)test\.[cm]?[jt]sx?$/i,
  ],
  conventions:
    'Follow the module system (ESM or CommonJS) and the formatting of the neighbouring files. Keep types strict; never silence the compiler or the linter. Do not edit lock files or generated output.',
};
