import { expect, it } from 'vitest';
import { declaredLicense, isAllowed, violations } from './licenses.mjs';

it.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-only)', true],
  ['MIT AND GPL-3.0-only', false],
  ['(MPL-2.0 OR Apache-2.0)', true],
  ['MIT AND (GPL-2.0-only OR ISC)', true],
  ['GPL-3.0-only OR AGPL-3.0-only AND MIT', false],
  ['SEE LICENSE IN LICENSE', false],
  ['UNLICENSED', false],
  ['(MIT', false],
  ['MIT ISC', false],
  ['', false],
])('%s: allowed %s', (expression, allowed) => expect(isAllowed(expression)).toBe(allowed));

it.each([
  [{ license: 'MIT' }, 'MIT'],
  [{ license: { type: 'ISC' } }, 'ISC'],
  [{ licenses: [{ type: 'MIT' }, { type: 'GPL-2.0' }] }, 'MIT OR GPL-2.0'],
  [{ licenses: [{}] }, null],
  [{}, null],
])('the licence of %j is %s', (manifest, license) => expect(declaredLicense(manifest)).toBe(license));

it('names packages that are not covered, nested and aliased ones too, and not workspaces', () => {
  const packages = {
    '': { version: '1.0.0' },
    'apps/api': { version: '1.0.0' },
    'node_modules/@teko/api': { link: true },
    'node_modules/good': { version: '1.0.0', license: 'MIT' },
    'node_modules/lightningcss-linux-x64-gnu': { version: '1.0.0', license: 'MPL-2.0' },
    'node_modules/good/node_modules/bad': { version: '2.0.0', license: 'AGPL-3.0-only' },
    'node_modules/alias': { name: '@real/name', version: '3.0.0' },
    'node_modules/old': { version: '4.0.0' },
    'node_modules/pause': { version: '0.0.1', license: 'GPL-3.0-only' },
  };
  const manifest = (path: string) => (path.endsWith('old') ? { licenses: [{ type: 'MIT' }] } : null);
  expect(violations(packages, manifest)).toEqual([
    '@real/name@3.0.0: none',
    'bad@2.0.0: AGPL-3.0-only',
    'pause@0.0.1: GPL-3.0-only',
  ]);
});
