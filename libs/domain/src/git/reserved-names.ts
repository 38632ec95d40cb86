import { foldName } from '../text/folded-path';

/** Whether a folder or file with this name is, or can be on some file system, the folder `.git` or a step out of the folder. */
export function isReservedName(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return true;
  return name.split('\\').some((part) => {
    // NTFS ignores spaces and dots at the end, and what follows a colon names a stream of the same file.
    const stem = foldName(part)
      .replace(/:.*$/s, '')
      .replace(/[. ]+$/, '');
    return stem === '.git' || /^git~\d+$/.test(stem) || (stem === '' && part !== name);
  });
}
