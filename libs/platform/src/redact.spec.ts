import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { redactData, redactor, redactCredentials } from './redact';

const SECRET = 'pa/ss word-42';
const LONG = 'Zx9-kq2_Wv7+pl4/Tn8=mR3';
const redact = redactor([
  SECRET,
  LONG,
  undefined,
  'abc',
  'pass12',
  'redis://127.0.0.1:6379',
  'hunter2hunter',
  'mysql://u:hunter2hunter@db/x',
]);

const base64 = (text: string | Buffer) => Buffer.from(text as string).toString('base64');
const hex = (text: string) => Buffer.from(text).toString('hex');
const codes = (text: string) => [...Buffer.from(text)];
const pad = (number: number, base: number, length: number) => number.toString(base).padStart(length, '0');
const reversed = (text: string) => [...text].reverse().join('');
const rot13 = (text: string) =>
  text.replace(/[a-z]/gi, (c) => String.fromCharCode(c.charCodeAt(0) + (c.toLowerCase() < 'n' ? 13 : -13)));
/** As `xxd` prints it: 16 bytes a line, with offsets and text. */
const dump = (text: string) =>
  Buffer.from(text)
    .toString('hex')
    .match(/.{1,32}/g)!
    .map((line, i) => `${pad(i * 16, 16, 8)}: ${line.match(/.{1,4}/g)!.join(' ')}`)
    .join('\n');
const base32 = (text: string) =>
  (
    codes(text)
      .map((byte) => pad(byte, 2, 8))
      .join('')
      .padEnd(Math.ceil((text.length * 8) / 5) * 5, '0')
      .match(/.{5}/g) ?? []
  )
    .map((group) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(group, 2)])
    .join('');

const FORMS: [string, (text: string) => string][] = [
  ['as it is', (text) => text],
  ['in capitals', (text) => text.toUpperCase()],
  ['in small letters', (text) => text.toLowerCase()],
  ['reversed', reversed],
  ['in rot13', rot13],
  ['spaced', (text) => [...text].join(' ')],
  ['spaced by tabs and commas', (text) => [...text].join(',\t')],
  ['one character a line', (text) => [...text].join('\r\n')],
  ['as a list of characters', (text) => JSON.stringify([...text])],
  ['concatenated', (text) => `${text.slice(0, 5)}' +\n    '${text.slice(5)}`],
  ['over numbered lines', (text) => `\n${text.slice(0, 5)}\n12\t${text.slice(5)}`],
  ['over lines with a path', (text) => `${text.slice(0, 5)}\n0000005  ${text.slice(5)}`],
  ['with hidden characters', (text) => [...text].join('\u200b')],
  ['in base64', base64],
  ['in base64url', (text) => Buffer.from(text).toString('base64url')],
  [
    'in wrapped base64',
    (text) =>
      base64(text)
        .match(/.{1,8}/g)!
        .join('\n'),
  ],
  ['in reversed base64', (text) => reversed(base64(text))],
  ['in UTF-16 and base64', (text) => base64(Buffer.from(text, 'utf16le'))],
  ['in base32', base32],
  ['in small base32', (text) => base32(text).toLowerCase()],
  ['in hexadecimal', hex],
  ['in large hexadecimal', (text) => hex(text).toUpperCase()],
  ['in spaced hexadecimal', (text) => hex(text).match(/../g)!.join(' ')],
  ['in hexadecimal with colons', (text) => hex(text).match(/../g)!.join(':')],
  [
    'in hexadecimal escapes',
    (text) =>
      codes(text)
        .map((code) => `\\x${pad(code, 16, 2)}`)
        .join(''),
  ],
  [
    'as hexadecimal numbers',
    (text) =>
      codes(text)
        .map((code) => `0x${pad(code, 16, 2)}`)
        .join(', '),
  ],
  ['as decimal numbers', (text) => codes(text).join(', ')],
  [
    'in octal escapes',
    (text) =>
      codes(text)
        .map((code) => `\\${pad(code, 8, 3)}`)
        .join(''),
  ],
  ['URL-encoded', encodeURIComponent],
  [
    'URL-encoded whole',
    (text) =>
      codes(text)
        .map((code) => `%${pad(code, 16, 2)}`)
        .join(''),
  ],
  [
    'in Unicode escapes',
    (text) =>
      codes(text)
        .map((code) => `\\u${pad(code, 16, 4)}`)
        .join(''),
  ],
  ['with Unicode escapes', (text) => text.replace(/[^a-z0-9]/gi, (c) => `\\u${pad(c.charCodeAt(0), 16, 4)}`)],
  ['in JSON', (text) => JSON.stringify(text)],
  [
    'in HTML',
    (text) =>
      codes(text)
        .map((code) => `&#${code};`)
        .join(''),
  ],
  [
    'in hexadecimal HTML',
    (text) =>
      codes(text)
        .map((code) => `&#x${code.toString(16)};`)
        .join(''),
  ],
  ['with HTML', (text) => text.replace(/[^a-z0-9]/gi, (c) => `&#${c.charCodeAt(0)};`)],
  ['in gzip and base64', (text) => base64(gzipSync(`key=${text}\n`))],
  ['in zlib and base64', (text) => base64(deflateSync(`key=${text}\n`))],
  ['in base64 twice', (text) => base64(base64(`key=${text}\n`))],
];

describe('redactor', () => {
  it.each(FORMS)('hides a secret %s', (_form, encode) => {
    for (const secret of [SECRET, LONG, 'hunter2hunter']) {
      const text = redact(`before ${encode(secret)} after`);
      expect(text).toMatch(/^before [^a-z0-9]{0,5}\[redacted\][^a-z0-9]{0,9} after$/i);
    }
  });

  it.each([
    ['plain', SECRET],
    ['base64', base64(SECRET)],
    ['hex', hex(SECRET)],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['GitHub token', 'ghp_0123456789abcdef0123456789'],
    ['cloud access key', 'AKIAA1B2C3D4E5F6G7H8'],
    ['short', 'pass12'],
  ])('hides a secret in %s form, and nothing else', (_form, text) => {
    expect(redact(`before ${text} after`)).toBe('before [redacted] after');
  });

  it.each(['', 'u:', 'ab:', 'me@example.com:'])('hides a base64-encoded secret after "%s"', (before) => {
    const encoded = Buffer.from(`${before}${SECRET}, and more`).toString('base64');
    const [left, right] = redact(encoded).split('[redacted]');
    expect(Buffer.from(left!, 'base64').toString()).toBe(before.slice(0, Math.floor((left!.length * 6) / 8)));
    expect(right!.length).toBeLessThan(', and more'.length * 2);
  });

  it.each(['', 'a', 'ab', 'abc', 'abcd'])('hides a base32-encoded secret after "%s"', (before) => {
    expect(redact(base32(`${before}${LONG}, and more`))).toMatch(/^[A-Z2-7]{0,8}\[redacted\][A-Z2-7]+$/);
  });

  it('hides the lines of a dump, and the lines of a key', () => {
    expect(redact(dump(`x=${LONG}${SECRET}`)).match(/[0-9a-f]{4}/g)!.length).toBeLessThan(8);
    const key = `-----BEGIN KEY-----\n${LONG.repeat(3)}\n${'q7Hd93jf'.repeat(8)}\n-----END KEY-----`;
    expect(redactor([key])(`+${'q7Hd93jf'.repeat(8)}`)).toBe('+[redacted]');
  });

  it.each([
    'abc is fine',
    'redis://127.0.0.1:6379 in a compose file',
    'pass 12 tests, pAsS12, 12ssap',
    'a password, a pass word and 42 words',
    'hunter2 hunts',
    base64(gzipSync('nothing to see here, really nothing')),
    'src/components/dashboard/widgets/TimelineWidget.tsx and libs/flow/execution/src/tools',
  ])('keeps %j', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('searches common values only as they are', () => {
    const common = redactor(['password1', 'aaaaaaaaaa', '1212121212']);
    expect(common('password1 Password1 pass word 1 aaaa aaaaaa 12-12-12-12-12')).toBe(
      '[redacted] Password1 pass word 1 aaaa aaaaaa 12-12-12-12-12',
    );
  });

  it('keeps tokens that are not its own in text that is used', () => {
    expect(redact.secrets(`ghp_0123456789abcdef0123456789 ${SECRET}`)).toBe(
      'ghp_0123456789abcdef0123456789 [redacted]',
    );
  });

  it.each([
    ['connect ECONNREFUSED redis://:pw@host:6379', 'connect ECONNREFUSED redis://[redacted]@host:6379'],
    ['mysql://root:p%40ss@db/teko?x=1', 'mysql://[redacted]@db/teko?x=1'],
    ['GET https://x.example/a?token=abcdef12&b=1', 'GET https://x.example/a?token=[redacted]&b=1'],
    ['Authorization: Bearer abcdefghijklmnop.q', 'Authorization: Bearer [redacted]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0xx.abcdefghijkl', '[redacted]'],
    ['git@github.com:a/b.git and https://user@host/ stay', 'git@github.com:a/b.git and https://user@host/ stay'],
  ])('hides credentials in %j', (text, expected) => {
    expect(redactCredentials(text)).toBe(expected);
  });

  it('redacts data without touching its structure', () => {
    const data = { n: 1, [SECRET]: [`a\n${LONG}`, null, { x: '\\' }], at: new Date(0) };
    expect(redactData(data, redactor(['n' + LONG, SECRET, LONG]))).toEqual({
      n: 1,
      '[redacted]': ['a\n[redacted]', null, { x: '\\' }],
      at: new Date(0),
    });
  });

  it.each([
    ['a'],
    ['abcdefgh '],
    ['Zx9-kq2_'],
    ['\n'],
    ['-----BEGIN RSA PRIVATE KEY-----'],
    ['H4sI'],
    ['eJw'],
    ['aGVsbG8gd29ybGQ='],
    ['\n000000'],
    [LONG.slice(0, -1)],
  ])('takes time in proportion to the length (%j)', (piece) => {
    const time = (length: number) => {
      const text = piece.repeat(length / piece.length);
      const start = process.cpuUsage().user;
      redact(text);
      return process.cpuUsage().user - start;
    };
    time(100_000);
    expect(time(500_000)).toBeLessThan(1_500_000);
  });
});
