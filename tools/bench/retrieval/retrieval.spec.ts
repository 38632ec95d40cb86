import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LocalEmbedder } from '../../../libs/adapters/memory/src/embedders/local-embedder';
import { index, WAYS, type Way } from './ask';
import { readCodeBase } from './code-base';
import { questionsOfDocs } from './documented';
import { trackedIssues } from './issues';
import { meansOf, scoreOfFiles, type Score } from './measure';
import { questionOfPatch } from './patches';
import { ticketsOf } from './tickets';

const SEED = 3;
const QUESTIONS = 40;

it('finds RxJS functions by their removed comments, best with all parts combined', async () => {
  const all = readCodeBase(join(import.meta.dirname, '../../../node_modules/rxjs'), ['src']);
  const { files, questions } = await questionsOfDocs(all, QUESTIONS, SEED);
  expect(questions).toHaveLength(QUESTIONS);
  for (const { text, paths, lines } of questions) {
    const code = files.get(paths[0]!)!;
    expect(code.replace(/\s*\n\s*\*?\s*/g, ' ')).not.toContain(text);
    expect(code.split('\n').length).toBeGreaterThanOrEqual(lines![1]);
  }
  const indexed = await index(files, new LocalEmbedder());
  onTestFinished(() => indexed.close());
  const scores = Object.fromEntries(WAYS.map((way) => [way, [] as Score[]])) as Record<Way, Score[]>;
  for (const asked of [...questions, ...ticketsOf(questions, files, SEED)]) {
    const { hits } = await indexed.ask(asked.text);
    for (const way of WAYS)
      scores[way].push(
        scoreOfFiles(
          hits[way].map(({ path }) => path),
          asked,
        ),
      );
  }
  const mrr = (way: Way) => meansOf(scores[way]).mrr;
  expect(mrr('hybrid')).toBeGreaterThan(0.4);
  for (const way of WAYS) expect(mrr('hybrid'), way).toBeGreaterThanOrEqual(mrr(way));
  expect(mrr('vectors alone'), 'the local embedder finds more than equal words').toBeGreaterThan(mrr('plain BM25'));
});

it('reads issues with answers from a list, and rejects a missing file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'teko-issues-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const list = join(folder, 'issues.json');
  const issue = { title: 'It hangs', body: 'After a while.', root: 'code', files: ['net.py'] };
  mkdirSync(join(folder, 'code'));
  writeFileSync(join(folder, 'code', 'net.py'), 'pass\n');
  writeFileSync(list, JSON.stringify([issue]));
  expect(trackedIssues(list)).toEqual([
    {
      root: 'code',
      files: new Map([['net.py', 'pass\n']]),
      questions: [{ text: 'It hangs\n\nAfter a while.', paths: ['net.py'], lines: null }],
    },
  ]);
  writeFileSync(list, JSON.stringify([{ ...issue, files: ['gone.py'] }]));
  expect(() => trackedIssues(list)).toThrow('gone.py, which is not in code');
});

it('creates questions from patches', () => {
  const patch = [
    'From: somebody\nDate: today\nSubject: [PATCH 1/2] Close the socket when the server\n goes away',
    '\nIt stayed open.\n---\n lib/net.py | 2 +-\n\n--- a/lib/net.py\n+++ b/lib/net.py\n@@ -1 +1 @@\n-a\n+b',
    '--- /dev/null\n+++ b/lib/new.py\n--- a/CHANGES.md\n+++ b/CHANGES.md\n',
  ].join('\n');
  const files = new Map(['lib/net.py', 'lib/new.py', 'CHANGES.md'].map((path) => [path, '']));
  expect(questionOfPatch(patch, files)).toEqual({
    text: 'Close the socket when the server goes away\n\nIt stayed open.',
    paths: ['lib/net.py'],
    lines: null,
  });
  expect(questionOfPatch(patch, new Map())).toBeNull();
});
