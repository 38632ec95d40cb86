/** Code points that HFS+ ignores in names. */
const IGNORABLE = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Returns the form in which file systems that ignore case, normalisation or ignorable code points compare a name. */
export function foldedName(name: string): string {
  return name.normalize('NFKC').replace(IGNORABLE, '').toLowerCase();
}

/** Whether a folder or file with this name is, or can be on some file system, the folder `.git` or a step out of the folder. */
export function isReservedName(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return true;
  return name.split('\\').some((part) => {
    // NTFS ignores spaces and dots at the end, and what follows a colon names a stream of the same file.
    const stem = foldedName(part)
      .replace(/:.*$/s, '')
      .replace(/[. ]+$/, '');
    return stem === '.git' || /^git~\d+$/.test(stem) || (stem === '' && part !== name);
  });
}
