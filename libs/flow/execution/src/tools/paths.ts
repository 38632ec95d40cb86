import { z } from 'zod';

/** Control characters except for tabs: a path with one of them cannot be a part of a line. */
const UNPRINTABLE = /(?!\t)\p{Cc}|[\u2028\u2029]/u;

/** Returns the path as it is listed: as it is, or as a JSON string if it contains a line break or another control character. */
export function shownPath(path: string): string {
  return UNPRINTABLE.test(path) ? JSON.stringify(path) : path;
}

/** The schema of a path. A path that was listed as a JSON string is accepted as such. */
export function pathSchema() {
  return z
    .string()
    .min(1)
    .refine((path) => !path.includes('\0'), 'must not contain NUL')
    .transform(listedPath);
}

/** Returns the path that `shownPath` shows as `path`. */
export function listedPath(path: string): string {
  if (!/^".*\\.*"$/s.test(path)) return path;
  try {
    const parsed: unknown = JSON.parse(path);
    return typeof parsed === 'string' && UNPRINTABLE.test(parsed) && !parsed.includes('\0') ? parsed : path;
  } catch {
    return path;
  }
}

/** Returns what a model needs to know about a file that cannot be read or written. Throws errors that are not about the file. */
export function fileError(path: string, error: unknown): string {
  const { message, code } = error as Error & { code?: string };
  if (code === 'unavailable') throw error;
  const name = shownPath(path);
  if (message.startsWith('ENOENT')) return `${name} does not exist.`;
  if (message.startsWith('EISDIR') || message.startsWith('ENXIO')) return `${name} is not a file.`;
  if (message.startsWith('ENOTDIR') || message.startsWith('EEXIST'))
    return `${name} cannot be created: a part of its path is a file.`;
  if (message.startsWith('ELOOP')) return `${name} is a symbolic link to a file that does not exist.`;
  if (message.startsWith('EACCES') || message.startsWith('EPERM')) return `${name} is not accessible.`;
  if (message.startsWith('ENAMETOOLONG')) return `The name of ${name.slice(0, 100)}… is too long.`;
  return message;
}
