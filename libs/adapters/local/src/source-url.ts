import { isAbsolute } from 'node:path';
import { InvalidError } from '@teko/domain';

const SCP_FORM = /^[\w.-]+@[\w.-]+:(?!\/\/)[^\s]+$/;
const SCHEMES = ['https:', 'http:', 'ssh:', 'git:', 'file:'];

/** Throws InvalidError for `url` unless it is an absolute path or a git URL without credentials. */
export function requireValidUrl(url: string): void {
  const error = errorOf(url);
  if (error) throw new InvalidError({ url: error });
}

function errorOf(url: string): string | null {
  if (url.trim() !== url || url === '') return 'must not be empty, or start or end with spaces';
  if (url.startsWith('-') || url.includes('::') || [...url].some((char) => char < ' '))
    return 'is not a path or git URL';
  if (isAbsolute(url) || SCP_FORM.test(url)) return null;
  if (!URL.canParse(url)) return 'must be an absolute path on this host, or a git URL (https, ssh)';
  const { protocol, password, username } = new URL(url);
  if (!SCHEMES.includes(protocol)) return `has the scheme ${protocol.slice(0, -1)}; use https, ssh or an absolute path`;
  if (password || (username && protocol !== 'ssh:')) return 'must not contain a user name or password';
  return null;
}

/** Returns false for local paths. */
export function isRemote(url: string): boolean {
  return !isAbsolute(url) && !url.startsWith('file:');
}

/** Returns the URL for git. A path becomes a file:// URL, so that git copies objects instead of hard-linking them. */
export function fetchUrl(url: string): string {
  return isAbsolute(url) ? `file://${url}` : url;
}
