import { isIPv4 } from 'node:net';
import type { TekoSettings } from './teko-settings';

type Addresses = Pick<TekoSettings, 'HOST' | 'TEKO_URL' | 'TEKO_PROXIES'>;
type Sources = Addresses &
  Pick<TekoSettings, 'TEKO_GIT_HOSTS' | 'TEKO_LOCAL_REPOSITORIES' | 'GITHUB_API_URL' | 'GITHUB_OAUTH_URL'>;

const LOOPBACK_NAME = /^(localhost|.+\.localhost|\[?::1\]?)$/i;
const DEFAULT_PORTS: Record<string, string> = { 'https:': '443', 'http:': '80' };
const SSH_PORT = '22';

/** Returns true for the names and addresses that only processes of the same host can reach. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAME.test(host) || (isIPv4(host) && host.startsWith('127.'));
}

/** Returns true if other hosts can reach Teko: by the address it listens on, by its public URL, or by a proxy. */
export function isExposed({ HOST, TEKO_URL, TEKO_PROXIES }: Addresses): boolean {
  return !isLoopback(HOST) || TEKO_PROXIES > 0 || (TEKO_URL !== undefined && !isLoopback(new URL(TEKO_URL).hostname));
}

/** Returns the URL that users open, without a slash at the end. */
export function publicUrl({ TEKO_URL, HOST: host, PORT }: Pick<TekoSettings, 'TEKO_URL' | 'HOST' | 'PORT'>): string {
  if (TEKO_URL !== undefined) return TEKO_URL;
  const isEveryAddress = host === '0.0.0.0' || host === '::';
  const name = isEveryAddress || host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${PORT}`;
}

/** Returns which repositories may be used: the named git servers with the forge's, and the folders of this host. */
export function allowedSources(settings: Sources): { hosts: string[]; folders: string[] | null } {
  const { TEKO_GIT_HOSTS: named, TEKO_LOCAL_REPOSITORIES: folders } = settings;
  const forges = [settings.GITHUB_API_URL, settings.GITHUB_OAUTH_URL].filter((url) => url !== undefined);
  return {
    hosts: [...new Set([...named, ...forges.flatMap((url) => hostsOf(new URL(url)))])],
    folders: folders ?? (isExposed(settings) ? [] : null),
  };
}

/** A forge on its own host is also reached by SSH; one at another port shares the host with other services. */
function hostsOf({ hostname, port, protocol }: URL): string[] {
  const ports = port ? [port] : [DEFAULT_PORTS[protocol]!, SSH_PORT];
  return ports.map((one) => `${hostname}:${one}`);
}
