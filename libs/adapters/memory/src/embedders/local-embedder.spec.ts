import { measureCpuMs } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { LocalEmbedder } from './local-embedder';

const embed = async (...texts: string[]) => new LocalEmbedder().embed(texts, 'passage');
const cosine = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('LocalEmbedder', () => {
  it('returns the same unit vectors every time', async () => {
    const [one, other] = await embed('def parse_url(text): return urlsplit(text)', 'close the file');
    expect(await embed('def parse_url(text): return urlsplit(text)', 'close the file')).toEqual([one, other]);
    for (const vector of [one!, other!]) expect(cosine(vector, vector)).toBeCloseTo(1, 6);
  });

  it('returns zero vectors for texts without content', async () => {
    for (const vector of await embed('', '{}', 'the of and')) expect(vector.every((value) => value === 0)).toBe(true);
  });

  it('recognises the words in identifiers', async () => {
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
  ])('relates texts without a common word: %s', async (...texts) => {
    const [question, near, far] = await embed(...texts);
    expect(cosine(question!, near!)).toBeGreaterThan(cosine(question!, far!) + 0.05);
  });

  it('embeds 200 chunks in one second of CPU time', async () => {
    const text = Array.from({ length: 40 }, (_, n) => `const value${n} = parseUrl(request.path, options);`).join('\n');
    await embed(text);
    const chunks = Array.from({ length: 200 }, (_, n) => `${text}${n}`);
    expect(await measureCpuMs(() => embed(...chunks))).toBeLessThan(1_000);
  });
});
