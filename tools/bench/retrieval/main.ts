import { join } from 'node:path';
import { LocalEmbedder } from '../../../libs/adapters/memory/src/embedders/local-embedder';
import { index, WAYS, type Indexed, type Way } from './ask';
import type { CodeBase } from './code-base';
import { questionsOfDocs } from './documented';
import { historiesOfPatches, historyOfGit } from './histories';
import { meansOf, scoreOfChunks, scoreOfFiles, type Score } from './measure';
import { trackedIssues } from './issues';
import { findCodeBase, KNOWN } from './known-code-bases';
import type { Question } from './questions';
import { optionsOf } from './options';
import { speedTable, table, type Speed } from './table';
import { ticketsOf } from './tickets';

/** Scores of each search method for one set of questions. */
type Scores = Record<Way, { files: Score[]; chunks: Score[] }>;

const print = (text: string) => process.stdout.write(`${text}\n`);
const note = (text: string) => process.stderr.write(`${text}\n`);
const project = join(import.meta.dirname, '..', '..', '..');

/** Searches real code bases for known answers, and prints how well each search method finds them. */
export async function main(args: string[]): Promise<void> {
  const { roots, patches, issues, count, seed, only } = optionsOf(args);
  const wanted = (set: typeof only) => only === null || only === set;
  const sets = new Map<string, Map<string, Scores>>();
  const speeds: Speed[] = [];
  const run = async (name: string, files: CodeBase, asked: Record<string, Question[]>) => {
    note(`${name}: ${files.size} files`);
    const indexed = await index(files, new LocalEmbedder());
    const speed = { name, files: files.size, ...indexed, questions: 0, hybridMs: 0, plainMs: 0 };
    for (const [set, questions] of Object.entries(asked)) {
      if (questions.length === 0) continue;
      const scores = await scoresOf(indexed, questions, speed);
      sets.set(set, (sets.get(set) ?? new Map<string, Scores>()).set(name, scores));
    }
    if (speed.questions > 0) speeds.push(speed);
    indexed.close();
  };
  for (const known of wanted('functions') ? KNOWN : []) {
    const found = findCodeBase(known, [...roots, project, '/']);
    if (!found) {
      note(`Skipping ${known.name}, which is not installed. To install it: ${known.install}`);
      continue;
    }
    const { files, questions } = await questionsOfDocs(found, count, seed);
    const name = `${known.language}: ${known.name}`;
    await run(name, files, {
      'Documented functions': questions,
      'Documented functions as tickets': ticketsOf(questions, files, seed),
    });
  }
  const histories = () => [historyOfGit('this project', project), ...patches.flatMap(historiesOfPatches)];
  for (const history of wanted('changes') ? histories() : []) {
    if (!history || history.questions.length === 0) continue;
    const { name, files, questions } = history;
    await run(name, files, {
      'Changes of real histories': questions,
      'Changes of real histories as tickets': ticketsOf(questions, files, seed),
    });
  }
  for (const { root, files, questions } of wanted('issues') ? issues.flatMap(trackedIssues) : [])
    await run(root, files, { 'Tracker issues': questions });
  for (const [set, scores] of sets) print(table(set, rowsOf(scores)));
  print(speedTable(speeds));
}

async function scoresOf(indexed: Indexed, questions: Question[], speed: Speed): Promise<Scores> {
  const scores = Object.fromEntries(WAYS.map((way) => [way, { files: [], chunks: [] }])) as unknown as Scores;
  for (const asked of questions) {
    const { hits, hybridMs, plainMs } = await indexed.ask(asked.text);
    speed.questions++;
    speed.hybridMs += hybridMs;
    speed.plainMs += plainMs;
    for (const way of WAYS) {
      const found = hits[way];
      scores[way].files.push(
        scoreOfFiles(
          found.map(({ path }) => path),
          asked,
        ),
      );
      if (asked.lines) scores[way].chunks.push(scoreOfChunks(found, asked));
    }
  }
  return scores;
}

/** Rows for each code base if there are few, and for all questions together. */
function rowsOf(scores: Map<string, Scores>) {
  const rowsFor = (name: string, all: Scores[]) =>
    WAYS.map((way) => ({
      name,
      way,
      questions: all.flatMap((one) => one[way].files).length,
      files: meansOf(all.flatMap((one) => one[way].files)),
      chunks: all.some((one) => one[way].chunks.length > 0) ? meansOf(all.flatMap((one) => one[way].chunks)) : null,
    }));
  const each = scores.size <= KNOWN.length ? [...scores].flatMap(([name, one]) => rowsFor(name, [one])) : [];
  return [...each, ...rowsFor('all', [...scores.values()])];
}
