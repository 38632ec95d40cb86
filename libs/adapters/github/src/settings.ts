import { createPrivateKey } from 'node:crypto';

/** Settings of the connection, as an App or with a token. The App takes precedence if both are set. */
export interface GithubSettings {
  /** Base URL of the REST API. Defaults to github.com. */
  apiUrl?: string;
  token?: string;
  appId?: string;
  /** PEM, optionally with `\n` for line breaks or in base64. */
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

/** Returns the origin of web and git URLs, which has no `api.` prefix on github.com and ghe.com. */
export function webOriginOf(settings: GithubSettings): string {
  const url = new URL(apiUrlOf(settings));
  if (/^api\.(github\.com|[\w-]+\.ghe\.com)$/.test(url.hostname)) url.hostname = url.hostname.slice('api.'.length);
  return url.origin;
}

/** Returns the private key as PEM, or null if it is not a valid key. */
export function pemOf(privateKey: string): string | null {
  const text = privateKey.replaceAll('\\n', '\n').trim();
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString();
  try {
    return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    return null;
  }
}
