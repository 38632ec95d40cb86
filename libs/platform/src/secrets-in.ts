import { TOKEN_PATTERN } from './token-pattern';

/** A credential in a text. */
export interface FoundSecret {
  kind: 'private_key' | 'access_token';
  /** The token, or the start of the key. */
  text: string;
}

const KEY_START_CHARACTERS = 300;

const any = (flags: string, ...patterns: RegExp[]) =>
  new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'), flags);

/** Programs that read keys contain the header too, so a key needs encoded data after it. */
const KEY_HEADER = /(?:-----|---- )BEGIN (?:[A-Z\d]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?(?:-----| ----)/.source;
const KEY_START = /(?:[A-Za-z\d+/=]{12}|Proc-Type:|DEK-Info:|Version:|Comment:)/.source;
const LINE_BREAK = /(?:[\s#*>]|\\[rn]|["'`]\s*[+.]?\s*["'`])*/.source;
const PRIVATE_KEY = any(
  'gm',
  new RegExp(KEY_HEADER + LINE_BREAK + KEY_START),
  /^PuTTY-User-Key-File-\d:/,
  /^[ \t]*client-key-data:[ \t]*[A-Za-z\d+/=]{40}/,
);

const PLACEHOLDER = /example|sample|your|dummy|placeholder|x{5}/i;

/** Returns the private keys and tokens in a text. Placeholders in documentation do not count. */
export function secretsIn(text: string): FoundSecret[] {
  const keys = [...text.matchAll(PRIVATE_KEY)].map(({ index }) => text.slice(index, index + KEY_START_CHARACTERS));
  const tokens = (text.match(TOKEN_PATTERN) ?? []).filter((token) => !PLACEHOLDER.test(token));
  return [
    ...keys.map((key) => ({ kind: 'private_key' as const, text: key })),
    ...tokens.map((token) => ({ kind: 'access_token' as const, text: token })),
  ];
}
