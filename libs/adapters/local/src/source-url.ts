import { isAbsolute, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidError } from '@teko/domain';

/** What a repository's URL names: a folder of this host, or a repository on a server. */
export type Source = { kind: 'folder'; path: string } | ServerSource;

export interface ServerSource {
  kind: 'server';
  protocol: 'https' | 'http' | 'ssh' | 'git';
  /** Lower case, without a trailing dot; an IP address in its canonical form, without brackets. */
  host: string;
  port: number;
  /** The URL for git, normalised, so that git and this check agree on its host. */
  url: string;
}

/** Git runs a program for such URLs. */
const REMOTE_HELPER = /^[a-z\d+.-]*::/i;
const SCP_FORM = /^([\w.-]+)@([a-z\d][\w.-]*):(?!\/\/)(\S+)$/i;
const DEFAULT_PORTS = { 'https:': 443, 'http:': 80, 'ssh:': 22, 'git:': 9418 };
const SSH_USER = /^[\w.-]*$/;

/** Parses an absolute path or git URL. Throws InvalidError for everything else, and for URLs with credentials, a query or a fragment. */
export function parseSource(url: string): Source {
  const source = sourceOf(url);
  if (typeof source === 'string') throw new InvalidError({ url: source });
  return source;
}

/** Returns what is wrong with the URL if it is invalid. */
function sourceOf(url: string): Source | string {
  if (url.trim() !== url || url === '') return 'must not be empty, or start or end with spaces';
  if (url.startsWith('-') || REMOTE_HELPER.test(url) || /\p{Cc}/u.test(url)) return 'is not a path or git URL';
  if (isAbsolute(url)) return { kind: 'folder', path: normalize(url) };
  if (/[?#]/.test(url)) return 'must not contain a query or fragment, such as a token';
  if (/[\\\s]/.test(url)) return 'must not contain spaces or backslashes';
  const [, user, host, path] = SCP_FORM.exec(url) ?? [];
  if (user && host && path) return scpSource(user, host, path);
  if (!URL.canParse(url)) return 'must be an absolute path on this host, or a git URL (https, ssh)';
  return urlSource(new URL(url));
}

function scpSource(user: string, host: string, path: string): Source | string {
  const name = hostOf(host);
  if (name === null) return 'has an invalid host name';
  return { kind: 'server', protocol: 'ssh', host: name, port: DEFAULT_PORTS['ssh:'], url: `${user}@${name}:${path}` };
}

function urlSource({ protocol, username, password, hostname, port, pathname }: URL): Source | string {
  if (protocol === 'file:') return folderOf(hostname, pathname);
  if (!(protocol in DEFAULT_PORTS))
    return `has the scheme ${protocol.slice(0, -1)}; use https, ssh or an absolute path`;
  if (password || (username && protocol !== 'ssh:') || !SSH_USER.test(username))
    return 'must not contain a user name or password';
  const host = hostOf(hostname);
  if (host === null) return 'has an invalid host name';
  const known = protocol as keyof typeof DEFAULT_PORTS;
  const authority = `${username && `${username}@`}${host.includes(':') ? `[${host}]` : host}${port && `:${port}`}`;
  return {
    kind: 'server',
    protocol: known.slice(0, -1) as ServerSource['protocol'],
    host,
    port: Number(port) || DEFAULT_PORTS[known],
    url: `${protocol}//${authority}${pathname}`,
  };
}

function folderOf(hostname: string, pathname: string): Source | string {
  if (hostname !== '') return 'must not name a host after file:';
  try {
    const path = fileURLToPath(`file://${pathname}`);
    return path.includes('\0') ? 'is not a path or git URL' : { kind: 'folder', path: normalize(path) };
  } catch {
    return 'is not a path or git URL';
  }
}

/**
 * Returns the canonical form of a host, or null if it is invalid. Numbers such as `2130706433` and `0x7f.1`, which resolve
 * to IP addresses, become addresses.
 */
export function hostOf(text: string): string | null {
  const url = URL.canParse(`http://${text}/`) ? new URL(`http://${text}/`) : null;
  if (url === null || url.port || url.username || url.pathname !== '/') return null;
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return /^[a-z\d]([a-z\d._-]*[a-z\d])?$|^[\da-f:]+$/.test(host) ? host : null;
}
