import { readSettings, TEKO_SETTINGS } from '@teko/platform';
import { expect, it } from 'vitest';
import { chromaEndpoint } from './chroma-endpoint';

const endpointOf = (env: Record<string, string>) => chromaEndpoint(readSettings(TEKO_SETTINGS, env));
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

it.each([
  [{ CHROMA_URL: 'http://host:8000' }, 'http://host:8000', {}],
  [{ CHROMA_URL: 'https://host/' }, 'https://host', {}],
  [{ CHROMA_URL: 'http://u:p%40ss@host:8000' }, 'http://host:8000', { authorization: basic('u:p@ss') }],
  [{ CHROMA_URL: 'http://u@host' }, 'http://host', { authorization: basic('u:') }],
  [
    { CHROMA_URL: 'http://[::1]:8000', CHROMA_TOKEN: 't' },
    'http://[::1]:8000',
    { authorization: 'Bearer t', 'x-chroma-token': 't' },
  ],
  [
    { CHROMA_URL: 'http://u:p@host', CHROMA_TOKEN: 't' },
    'http://host',
    { authorization: basic('u:p'), 'x-chroma-token': 't' },
  ],
])('%o is used as a whole', (env, url, headers) =>
  expect(endpointOf(env as Record<string, string>)).toMatchObject({ url, headers }),
);

it.each([
  'http://host/chroma',
  'http://u:secret@host/chroma/',
  'http://host//',
  'http://host?x=1',
  'http://host/?',
  'http://host#x',
])('%s is refused at the start', (CHROMA_URL) => {
  expect(() => endpointOf({ CHROMA_URL })).toThrow(/^CHROMA_URL: must not have a path/);
  expect(() => endpointOf({ CHROMA_URL })).not.toThrow(/secret/);
});

it('a token without a server is refused', () =>
  expect(() => endpointOf({ CHROMA_TOKEN: 't' })).toThrow(/^CHROMA_TOKEN: requires CHROMA_URL/));
