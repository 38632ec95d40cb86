import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalGitMirrors } from '@teko/local';
import { aRepository, InMemoryMemory, inMemoryRepositories } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnalysisService } from './analysis.service';
import { codebases, codebasesMissing, commitCopy, countByLinguist } from './codebases.fixture';
import { IndexingService } from './indexing.service';

/** In percentage points. */
const MAX_DIFFERENCE = 2;
const SMALL_SHARE = 5;

type Shares = Record<string, number>;

const missing = codebasesMissing();

/* Compares the languages that Teko finds in real code with those that Debian's github-linguist finds in the same commits. */
describe.skipIf(missing)(`language shares${missing ? ` (${missing})` : ''}`, () => {
  let folder: string;
  let counts: Record<string, Shares>;
  const pathOf = (name: string) => join(folder, name.replaceAll('/', '-'));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'teko-linguist-'));
    for (const base of codebases) commitCopy(base, pathOf(base.name));
    counts = countByLinguist(codebases.map(({ name }) => pathOf(name)));
  });
  afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));

  async function ourShares(name: string): Promise<Shares> {
    const rows = inMemoryRepositories();
    const repository = aRepository({ url: pathOf(name), status: 'pending', fetchedAt: null, headCommit: null });
    await rows.RepositoryRepository.insert(repository);
    const clock = { now: () => new Date() };
    const ids = { next: () => 'id' };
    const analysis = new AnalysisService(
      rows.RepositoryRepository,
      rows.CodebaseProfileRepository,
      new LocalGitMirrors(join(folder, 'home', name)),
      new IndexingService(rows.CodeIndexRepository, rows.RepositoryRepository, new InMemoryMemory(), clock, ids),
      clock,
      ids,
    );
    const { languages } = await analysis.analyse(repository.id);
    return Object.fromEntries(languages.map(({ name: language, share }) => [language, share]));
  }

  it.each(codebases)('of $name match github-linguist', async ({ name }) => {
    const theirs = sharesOf(counts[pathOf(name)]!);
    const ours = await ourShares(name);
    const large = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].filter(
      (language) => Math.max(theirs[language] ?? 0, ours[language] ?? 0) > SMALL_SHARE,
    );
    expect(large).not.toEqual([]);
    const different = large.filter(
      (language) => Math.abs((theirs[language] ?? 0) - (ours[language] ?? 0)) > MAX_DIFFERENCE,
    );
    expect(different, JSON.stringify({ theirs, ours })).toEqual([]);
  });

  it('cover many languages', () => {
    const large = Object.values(counts).flatMap((bytes) =>
      Object.entries(sharesOf(bytes)).flatMap(([language, share]) => (share > SMALL_SHARE ? [language] : [])),
    );
    expect(new Set(large).size).toBeGreaterThanOrEqual(12);
  });
});

function sharesOf(bytes: Record<string, number>): Shares {
  const total = Object.values(bytes).reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(Object.entries(bytes).map(([language, count]) => [language, (count / total) * 100]));
}
