import ignore from 'ignore';

/**
 * Who owns these files by a CODEOWNERS file, as `login` or `org/team`: of each file the last line that fits. Addresses of
 * e-mail name no account and are left out.
 */
export function ownersOf(codeowners: string, paths: string[]): string[] {
  const rules = codeowners
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('['))
    .map((line) => {
      const [pattern = '', ...owners] = line.split(/\s+/);
      return { fits: ignore().add(pattern), owners };
    });
  const found = paths.flatMap((path) => rules.findLast(({ fits }) => fits.ignores(path))?.owners ?? []);
  return [...new Set(found.filter((owner) => owner.startsWith('@')).map((owner) => owner.slice(1)))];
}
