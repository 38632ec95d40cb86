import ignore from 'ignore';

/**
 * Returns the owners of files according to a CODEOWNERS file, as `login` or `org/team`. The last matching line of each file
 * wins. Owners given by email address are omitted.
 */
export function ownersOf(codeowners: string, paths: string[]): string[] {
  const rules = codeowners
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('['))
    .map((line) => {
      const [pattern = '', ...owners] = line.split(/\s+/);
      return { matcher: ignore().add(pattern), owners };
    });
  const allOwners = paths.flatMap((path) => rules.findLast(({ matcher }) => matcher.ignores(path))?.owners ?? []);
  return [...new Set(allOwners.filter((owner) => owner.startsWith('@')).map((owner) => owner.slice(1)))];
}
