import { expect, it } from 'vitest';
import { risksOf } from './risk';

it.each([
  ['.github/workflows/ci.yml', 'CI'],
  ['.github/actions/setup/action.yml', 'CI'],
  ['.gitlab-ci.yml', 'CI'],
  ['ops/Jenkinsfile', 'CI'],
  ['package-lock.json', 'lock'],
  ['packages/a/yarn.lock', 'lock'],
  ['composer.lock', 'lock'],
  ['package.json', 'dependencies'],
  ['requirements-dev.txt', 'dependencies'],
  ['libs/a/pyproject.toml', 'dependencies'],
])('%s is risky', (path, kind) => {
  const risks = risksOf(['src/a.ts', path]);
  expect(risks).toHaveLength(1);
  expect(risks[0]).toMatch(new RegExp(`${kind}.*: ${path.replaceAll('.', '\\.')}\\.$`));
});

it.each([
  'src/package.json.ts',
  'docs/github/workflows.md',
  'README.md',
  'my-package-lock.json',
  'src/.github/workflows/a.yml',
])('%s is not risky', (path) => expect(risksOf([path])).toEqual([]));
