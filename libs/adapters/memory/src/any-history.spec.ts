import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryFixture, REPOSITORY } from './memory.fixture';

const PATHS = ['a.py', 'b.py', 'lib/a.py', 'lib/deep/c.py', 'notes.md', 'vendor/v.py'];
const NAMES = ['parse', 'render', 'close', 'open_file', 'countWords'];

/** A file with some definitions. Equal choices give an equal blob. */
const content = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 12 })), { maxLength: 5 })
  .map((definitions) =>
    definitions.map(([name, lines]) => `def ${name}(it):\n${`    it.${name}()\n`.repeat(lines)}\n`).join(''),
  );
const path = fc.constantFrom(...PATHS);
/** Attributes of other files, which change without a change of those files. */
const attributes = fc.constantFrom('', 'lib/', '!vendor/', 'lib/deep/\n!vendor/');
const step = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), path: fc.constant('.vendored'), content: attributes }),
  fc.record({ kind: fc.constant('write' as const), path, content }),
  fc.record({ kind: fc.constant('delete' as const), path }),
  fc.record({ kind: fc.constant('move' as const), path, to: path }),
  fc.record({ kind: fc.constant('copy' as const), path, to: path }),
);
/** Commits with several changes; whether each commit is indexed, and whether indexing is aborted once. */
const history = fc.array(
  fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    indexed: fc.boolean(),
    stoppedAt: fc.option(fc.integer({ min: 1, max: 3 })),
  }),
  { minLength: 1, maxLength: 6 },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function apply(files: Record<string, string | null>, one: Step): void {
  const text = files[one.path] ?? null;
  if (one.kind === 'write') files[one.path] = one.content;
  else if (one.kind === 'delete') files[one.path] = null;
  else if (text !== null && one.path !== one.to) {
    files[one.to] = text;
    if (one.kind === 'move') files[one.path] = null;
  }
}

async function searchState(fixture: MemoryFixture, memory: MemoryFixture['memory']) {
  const results = [];
  for (const text of [...NAMES, 'def it', 'lib/a.py', 'open file in lib']) {
    const { hits, notice } = await fixture.search(text, { limit: 50 }, memory);
    results.push({
      notice,
      hits: hits
        .map(({ path: where, startLine, endLine, symbol, snippet }) => [where, startLine, endLine, symbol, snippet])
        .sort(),
    });
  }
  return results;
}

it('cites existing lines and equals a new index after any history', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (commits) => {
      const fixture = new MemoryFixture();
      const clean = new MemoryFixture();
      try {
        const files: Record<string, string | null> = { 'a.py': 'def parse(it):\n    it.parse()\n    return it\n' };
        let commit = fixture.commit(files);
        for (const { steps, indexed, stoppedAt } of commits) {
          steps.forEach((one) => apply(files, one));
          commit = fixture.commit(files);
          if (!indexed) continue;
          const stop = new AbortController();
          let calls = 0;
          const onProgress = async () => void (++calls === stoppedAt && stop.abort(new Error('stopped')));
          await fixture.index(commit, { signal: stop.signal, onProgress }).catch((error: Error) => {
            if (error.message !== 'stopped') throw error;
          });
        }
        const report = await fixture.index(commit);
        for (const text of NAMES) {
          for (const hit of (await fixture.search(text, { limit: 50 })).hits) {
            expect(hit.commit).toBe(commit);
            const lines = fixture.lines(commit, hit.path);
            expect(hit.endLine).toBeLessThanOrEqual(lines.length);
            const cited = lines.slice(hit.startLine - 1, hit.endLine).join('\n');
            expect(cited.startsWith(hit.snippet.replace(/\n…$/, ''))).toBe(true);
          }
        }
        const other = clean.commit(files);
        expect(await clean.index(other)).toEqual(report);
        expect(await searchState(fixture, fixture.memory)).toEqual(await searchState(clean, clean.memory));
        const ids = async (one: MemoryFixture) => {
          const names = await one.vectors.collections(`teko_${REPOSITORY}`);
          return (await Promise.all(names.map((name) => one.vectors.ids(name)))).flat().sort();
        };
        expect(await ids(fixture)).toEqual(await ids(clean));
      } finally {
        fixture.remove();
        clean.remove();
      }
    }),
    { numRuns: 60, seed: 20261124 },
  );
});
