import { createPrivateKey } from 'node:crypto';

/** How GitHub is reached: as an App, or with a token. The App goes first where both are set. */
export interface GithubSettings {
  /** Base of the REST API; GitHub's own by default. */
  apiUrl?: string;
  token?: string;
  appId?: string;
  /** PEM; line ends may be written as `\n`, or all of it in base64. */
  privateKey?: string;
  webhookSecret?: string;
  now?: () => number;
}

export function kindOf({ appId, privateKey, token }: GithubSettings): 'app' | 'token' | null {
  return appId && privateKey ? 'app' : token ? 'token' : null;
}

const PUBLIC_API = 'https://api.github.com';

export function apiUrlOf({ apiUrl }: GithubSettings): string {
  return (apiUrl || PUBLIC_API).replace(/\/+$/, '');
}

/** Where people, and git, find the repositories: `api.` belongs to the API alone, on GitHub's own hosts. */
export function webOriginOf(settings: GithubSettings): string {
  const url = new URL(apiUrlOf(settings));
  if (/^api\.(github\.com|[\w-]+\.ghe\.com)$/.test(url.hostname)) url.hostname = url.hostname.slice('api.'.length);
  return url.origin;
}

/** The PEM text of a private key, however it was written down; null where it is none. */
export function pemOf(privateKey: string): string | null {
  const text = privateKey.replaceAll('\\n', '\n').trim();
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString();
  try {
    return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    return null;
  }
}
