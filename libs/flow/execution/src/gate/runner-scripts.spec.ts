import { expect, it } from 'vitest';
import { runnerScripts } from './runner-scripts';

const CODE = ['index.js', 'js/index.js', 'sum.js', 'src/sum.js', 'support/setup.js', 'support/shared.js'];

it.each<[string, string, string, string[]]>([
  [
    'a setup file',
    'vitest.config.js',
    "export default { test: { setupFiles: ['support/setup'] } };",
    ['support/setup.js'],
  ],
  ['an import', 'vitest.config.js', "import shared from './support/shared.js';", ['support/shared.js']],
  ['a required file', '.mocharc.js', "module.exports = require('./support/shared');", ['support/shared.js']],
  ['imported code', 'vite.config.js', "import { sum } from './src/sum.js';", []],
  ['the import of a setup file', 'vitest.setup.js', "import { sum } from './sum.js';", []],
  [
    'a transformation',
    'package.json',
    '{ "jest": { "transform": { "^.+\\\\.(js|ts)$": "<rootDir>/support/shared.js" } } }',
    ['support/shared.js'],
  ],
  ['a transformation of a package', 'jest.config.js', "exports.transform = { '^.+\\\\.js$': 'babel-jest' };", []],
  ['a preset of a package', 'jest.config.js', "module.exports = { preset: 'js-preset' };", []],
  ['a resolver', 'jest.config.js', "module.exports = { resolver: '<rootDir>/support/shared' };", ['support/shared.js']],
])('finds what the settings of a runner load: %s', async (_what, path, text, expected) => {
  const files = {
    entries: async () => new Map([path, ...CODE].map((name) => [name, {}])),
    read: async (paths: string[]) => new Map(paths.map((name) => [name, Buffer.from(name === path ? text : '')])),
  } as never;
  const plan = { setup: null, test: 'npm test', runner: null, lint: null, build: null };
  expect(await runnerScripts(files, plan)).toEqual(expected);
});
