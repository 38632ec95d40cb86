import { isAbsolute } from 'node:path';
import { InvalidError } from '@teko/domain';

const SCP_FORM = /^[\w.-]+@[\w.-]+:(?!\/\/)[^\s]+$/;
const SCHEMES = ['https:', 'http:', 'ssh:', 'git:', 'file:'];

/** Refuses what is not an absolute path or a git URL, and what carries a password. Throws InvalidError for `url`. */
export function checkSource(url: string): void {
  const fault = faultOf(url);
  if (fault) throw new InvalidError({ url: fault });
}

function faultOf(url: string): string | null {
  if (url.trim() !== url || url === '') return 'must not be empty or have space around it';
  if (url.startsWith('-') || url.includes('::') || [...url].some((char) => char < ' '))
    return 'is not a path or git URL';
  if (isAbsolute(url) || SCP_FORM.test(url)) return null;
  if (!URL.canParse(url)) return 'must be an absolute path on this host, or a git URL (https, ssh)';
  const { protocol, password, username } = new URL(url);
  if (!SCHEMES.includes(protocol)) return `has the scheme ${protocol.slice(0, -1)}; use https, ssh or an absolute path`;
  if (password || (username && protocol !== 'ssh:')) return 'must not contain a user name or password';
  return null;
}

/** Blobs are fetched when they are needed; a local path has them at hand. */
export function isRemote(url: string): boolean {
  return !isAbsolute(url) && !url.startsWith('file:');
}

/** What git is told; a path goes as file://, so that git copies objects rather than linking to them. */
export function fetchUrl(url: string): string {
  return isAbsolute(url) ? `file://${url}` : url;
}
