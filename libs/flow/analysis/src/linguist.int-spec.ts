import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalGitMirrors } from '@teko/local';
import { aRepository, InMemoryMemory, inMemoryRepositories } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnalysisService } from './analysis.service';
import { codeBases, codeBasesMissing, commitCopy, countByLinguist } from './code-bases.fixture';
import { IndexingService } from './indexing.service';

/** In points of a hundred. */
const MAX_DIFFERENCE = 2;
const SMALL_SHARE = 5;

type Shares = Record<string, number>;

const missing = codeBasesMissing();

/* What Teko finds in real code, beside what the github-linguist of Debian finds in the same commits. */
describe.skipIf(missing)(`language shares${missing ? ` (${missing})` : ''}`, () => {
  let folder: string;
  let counts: Record<string, Shares>;
  const pathOf = (name: string) => join(folder, name.replaceAll('/', '-'));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'teko-linguist-'));
    for (const base of codeBases) commitCopy(base, pathOf(base.name));
    counts = countByLinguist(codeBases.map(({ name }) => pathOf(name)));
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

  it.each(codeBases)('$name as github-linguist has them', async ({ name }) => {
    const theirs = sharesOf(counts[pathOf(name)]!);
    const ours = await ourShares(name);
    const large = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].filter(
      (language) => Math.max(theirs[language] ?? 0, ours[language] ?? 0) > SMALL_SHARE,
    );
    expect(large).not.toEqual([]);
    const apart = large.filter(
      (language) => Math.abs((theirs[language] ?? 0) - (ours[language] ?? 0)) > MAX_DIFFERENCE,
    );
    expect(apart, JSON.stringify({ theirs, ours })).toEqual([]);
  });

  it('looks at code in many languages', () => {
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
