import { isIP } from 'node:net';
import { UnavailableError } from '@teko/domain';

/** The options of the MySQL client that come from DATABASE_URL. */
export interface MysqlAddress {
  host: string;
  port: number;
  username: string | undefined;
  password: string | undefined;
  database: string;
  /** Certificates are verified with Node's authorities and those of NODE_EXTRA_CA_CERTS. */
  ssl?: { rejectUnauthorized: true; verifyIdentity: true };
}

const EXAMPLE = 'use mysql://user:password@host:3306/database, with ?ssl=true for TLS';

/** Parses the URL of a MySQL or MariaDB database. Throws UnavailableError for what the client would not follow; the message never contains the password. */
export function mysqlAddress(url: string): MysqlAddress {
  const invalid = (what: string) => new UnavailableError('database', `DATABASE_URL: ${what}; ${EXAMPLE}`);
  if (!URL.canParse(url))
    throw invalid('is not a valid URL (special characters of the user and the password must be percent-encoded)');
  const { hostname, port, username, password, pathname, searchParams, hash } = new URL(url);
  if (!hostname) throw invalid('names no host');
  if (hash) throw invalid('must not contain # (percent-encode it as %23)');
  const part = (text: string) => (text ? decoded(text, invalid) : undefined);
  const database = part(pathname.slice(1));
  if (!database || database.includes('/')) throw invalid('must end with the name of a database');
  const ssl = searchParams.get('ssl') ?? 'false';
  if (!['true', 'false'].includes(ssl)) throw invalid('ssl must be true or false');
  const host = hostname.replace(/^\[|\]$/g, '');
  if (ssl === 'true' && isIP(host))
    throw invalid('ssl=true needs the name of the host that its certificate is for, not an address');
  const unknown = [...searchParams.keys()].find((name) => name !== 'ssl');
  if (unknown !== undefined) throw invalid(`the parameter ${unknown} is not supported`);
  return {
    host,
    port: Number(port || 3306),
    username: part(username),
    password: part(password),
    database,
    ...(ssl === 'true' ? { ssl: { rejectUnauthorized: true, verifyIdentity: true } } : {}),
  };
}

function decoded(text: string, invalid: (what: string) => Error): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('contains a % that is not percent-encoded');
  }
}
