import { UnavailableError } from '@teko/domain';

/** The part of a client's options that comes from REDIS_URL. Bull and ioredis both take it. */
export interface RedisAddress {
  host: string;
  port: number;
  username?: string;
  password?: string;
  db: number;
  /** IP version; 0 for any. */
  family: number;
  /** Certificates are verified with the system's authorities and those of NODE_EXTRA_CA_CERTS. */
  tls?: { servername?: string };
}

const EXAMPLE = 'use redis://user:password@host:6379/0, or rediss:// for TLS';

/** Parses REDIS_URL: the only place that does. Throws UnavailableError for what no client would follow; the message never contains the password. */
export function redisAddress(url: string): RedisAddress {
  const invalid = (what: string) => new UnavailableError('redis', `REDIS_URL: ${what}; ${EXAMPLE}`);
  if (!URL.canParse(url))
    throw invalid('is not a valid URL (special characters of the user and the password must be percent-encoded)');
  const { protocol, hostname, port, username, password, pathname, searchParams, hash } = new URL(url);
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw invalid('must start with redis:// or rediss://');
  if (!hostname) throw invalid('names no host');
  if (hash) throw invalid('must not contain # (percent-encode it as %23)');
  if (username && !password) throw invalid('names a user without a password');
  if (!/^\/?\d*$/.test(pathname)) throw invalid('must end with the number of a database');
  const family = searchParams.get('family') ?? '0';
  if (!['0', '4', '6'].includes(family)) throw invalid('family must be 4 or 6');
  const unknown = [...searchParams.keys()].find((name) => name !== 'family');
  if (unknown !== undefined) throw invalid(`the parameter ${unknown} is not supported`);
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(port || 6379),
    ...(username ? { username: decoded(username, invalid) } : {}),
    ...(password ? { password: decoded(password, invalid) } : {}),
    db: Number(pathname.slice(1) || 0),
    family: Number(family),
    ...(protocol === 'rediss:' ? { tls: /^[\d.]+$|:/.test(host) ? {} : { servername: host } } : {}),
  };
}

function decoded(text: string, invalid: (what: string) => Error): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('contains a % in the user or the password that is not percent-encoded');
  }
}

/** Returns why a client failed, in one line without the password. */
export function redisReason(error: unknown, { password, tls }: RedisAddress): string {
  const { code, message } = error as Error & { code?: string };
  const text = code && !message.includes(code) ? `${message} (${code})` : message;
  const line = text.replace(/\s+/g, ' ').trim().slice(0, 300);
  const plain = password ? line.replaceAll(password, '[redacted]') : line;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return `${plain}; the server may not speak TLS: use redis://`;
  if (tls && code === 'ETIMEDOUT') return `${plain}; if the server does not speak TLS, use redis://`;
  if (!tls && /^Connection is closed|ECONNRESET|EPIPE/.test(line))
    return `${plain}; if the server speaks TLS, use rediss://`;
  return plain;
}
