import { findBlobs } from './encoded-blobs';
import { isSearchable, merged, secretFinder, type Range } from './secret-search';
import { TOKEN_PATTERN } from './token-pattern';

const REDACTED = '[redacted]';
/** Shorter values are not searched: they would be found in ordinary text. */
const MIN_SECRET_LENGTH = 6;
/** A line of a secret of several lines, such as a private key. */
const MIN_LINE_LENGTH = 40;
/** Broader than TOKEN_PATTERN: in output, false positives are better than leaks. */
const HIDDEN_PATTERNS = [
  TOKEN_PATTERN,
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bteko_[A-Za-z0-9_-]{20,}/g,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:(?!-----BEGIN )[\s\S])*?-----END [A-Z ]{0,40}PRIVATE KEY-----/g,
];

/** Credentials in tokens, URLs and headers. Examples in code look the same, so they are hidden only in errors and logs. */
const CREDENTIAL_PATTERNS = [
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g,
  /(?<=\b[a-z][a-z\d+.-]{1,20}:\/\/)[^\s/?#@:"']{0,100}:[^\s/?#@"']{1,200}(?=@)/gi,
  /(?<=[?&](?:access_token|token|api_?key|password|secret|sig|signature)=)[^&\s"'#]{6,}/gi,
  /(?<=\b(?:Bearer|Basic) )[\w+/.~=-]{16,}/g,
];

export interface Redactor {
  /** Replaces the secrets and anything that looks like a token. */
  (text: string): string;
  /** Replaces only the secrets, for text that is used and not only shown. */
  secrets(text: string): string;
}

/**
 * Returns a function that replaces secrets in text. A secret of at least 8 letters and digits is also found in other letter cases,
 * reversed, spread over spaces, quotes and lines, in base64, base32, hexadecimal, octal and decimal, as URL, JSON, Unicode and HTML
 * escapes, and compressed or encoded once more in base64. Encrypted, split or otherwise encoded secrets are not found.
 */
export function redactor(values: (string | undefined)[]): Redactor {
  const known = values.filter((value): value is string => Boolean(value && isSecret(value)));
  // Its tables take some time, which a process without runs does not need.
  let finder: ReturnType<typeof secretFinder> | undefined;
  const find = (text: string) => (finder ??= secretFinder(known))(text);
  const shortForms = known.filter((secret) => !isSearchable(secret)).flatMap(formsOfShort);
  const asTheyAre = [...new Set([...known, ...known.flatMap(linesOf), ...shortForms])].sort(
    (a, b) => b.length - a.length,
  );
  const isFound = (text: string) => asTheyAre.some((form) => text.includes(form)) || find(text).length > 0;
  const secrets = (text: string) => {
    if (known.length === 0) return text;
    const ranges = merged([...find(text), ...findBlobs(text, isFound)]);
    return asTheyAre.reduce((out, form) => out.replaceAll(form, REDACTED), replaceRanges(text, ranges));
  };
  return Object.assign((text: string) => hidden(secrets(text), HIDDEN_PATTERNS), { secrets });
}

/** Replaces tokens, and passwords in URLs and headers, in the error of a library, before it is logged or shown. */
export function redactCredentials(text: string): string {
  return hidden(text, [...HIDDEN_PATTERNS, ...CREDENTIAL_PATTERNS]);
}

function hidden(text: string, patterns: RegExp[]): string {
  return patterns.reduce((out, pattern) => out.replace(pattern, REDACTED), text);
}

/** Applies `redact` to every string in data, keys included. */
export function redactData<T>(data: T, redact: (text: string) => string): T {
  if (typeof data === 'string') return redact(data) as T;
  if (Array.isArray(data)) return data.map((item: unknown) => redactData(item, redact)) as T;
  if (data === null || typeof data !== 'object' || data instanceof Date) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [redact(key), redactData(value as unknown, redact)]),
  ) as T;
}

/** A local address without a password is no secret, although its setting can contain one. */
function isSecret(value: string): boolean {
  if (value.length < MIN_SECRET_LENGTH) return false;
  const url = /^(?:rediss?|mysql|mariadb|sqlite|file):/.test(value) && URL.canParse(value) ? new URL(value) : null;
  return url === null || url.password !== '' || url.searchParams.size > 0;
}

function linesOf(secret: string): string[] {
  return secret.split(/\r?\n|\\n/).filter((line) => line.length >= MIN_LINE_LENGTH);
}

function formsOfShort(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex');
  const base64 = Buffer.from(secret).toString('base64');
  return [encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), hex, hex.toUpperCase(), base64];
}

function replaceRanges(text: string, ranges: Range[]): string {
  let [out, at] = ['', 0];
  for (const { start, end } of ranges) {
    out += text.slice(at, start) + REDACTED;
    at = end;
  }
  return out + text.slice(at);
}
