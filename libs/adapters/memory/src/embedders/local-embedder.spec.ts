import { measureCpuMs } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { LocalEmbedder } from './local-embedder';

const embed = async (...texts: string[]) => new LocalEmbedder().embed(texts, 'passage');
const cosine = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('the local embedder', () => {
  it('gives the same vectors of length 1 every time', async () => {
    const [one, other] = await embed('def parse_url(text): return urlsplit(text)', 'close the file');
    expect(await embed('def parse_url(text): return urlsplit(text)', 'close the file')).toEqual([one, other]);
    for (const vector of [one!, other!]) expect(cosine(vector, vector)).toBeCloseTo(1, 6);
  });

  it('gives zeros for a text that says nothing', async () => {
    for (const vector of await embed('', '{}', 'the of and')) expect(vector.every((value) => value === 0)).toBe(true);
  });

  it('sees the words inside of identifiers', async () => {
    const [question, near, far] = await embed('parse a url', 'function parseUrl() {}', 'class Ledger { book() {} }');
    expect(cosine(question!, near!)).toBeGreaterThan(cosine(question!, far!) + 0.2);
  });

  it.each([
    ['how are passwords encrypted', 'return hashlib.sha256(salt + x).digest()', 'node.children.append(leaf)'],
    ['delete old files from disk', 'os.unlink(path)', 'return int(amount * 100) / 100'],
    [
      'stop two threads from doing it at once',
      'mutex.Lock(); defer mutex.Unlock()',
      'return rows.map((row) => row.join())',
    ],
  ])('knows what goes together without a word in common: %s', async (...texts) => {
    const [question, near, far] = await embed(...texts);
    expect(cosine(question!, near!)).toBeGreaterThan(cosine(question!, far!) + 0.05);
  });

  it('embeds two hundred chunks in a second of the processor', async () => {
    const text = Array.from({ length: 40 }, (_, n) => `const value${n} = parseUrl(request.path, options);`).join('\n');
    await embed(text);
    const chunks = Array.from({ length: 200 }, (_, n) => `${text}${n}`);
    expect(await measureCpuMs(() => embed(...chunks))).toBeLessThan(1_000);
  });
});
