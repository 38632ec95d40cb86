import { describe, expect, it } from 'vitest';
import { ownersOf } from './code-owners';

const FILE = `# everybody
*       @octo/all
/src/   @ada ada@example.com # reviewers
*.md    @grace
/docs/secret.md
`;

describe('CODEOWNERS', () => {
  it.each([
    [['src/a.ts'], ['ada']],
    [['README.md', 'src/b.md'], ['grace']],
    [
      ['lib/x.ts', 'src/a.ts'],
      ['octo/all', 'ada'],
    ],
    [['docs/secret.md'], []],
  ])('returns for %j the owners %j', (paths, owners) => {
    expect(ownersOf(FILE, paths)).toEqual(owners);
  });
});
