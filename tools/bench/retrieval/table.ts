import { CUTS, type Means } from './measure';

export interface Row {
  name: string;
  way: string;
  questions: number;
  files: Means;
  chunks: Means | null;
}

export interface Speed {
  name: string;
  files: number;
  chunks: number;
  wordsMs: number;
  vectorsMs: number;
  questions: number;
  hybridMs: number;
  plainMs: number;
}

/** Formats the results of one set of questions as Markdown. */
export function table(title: string, rows: Row[]): string {
  const byChunk = rows.some(({ chunks }) => chunks !== null);
  const measures = [...CUTS.map((cut) => `R@${cut}`), 'MRR'];
  const head = ['code', 'questions', 'method', ...measures, ...(byChunk ? measures.map((one) => `chunk ${one}`) : [])];
  const numbers = ({ recalls, mrr }: Means) => [...recalls, mrr].map((value) => value.toFixed(3));
  const cells = rows.map(({ name, way, questions, files, chunks }) => [
    name,
    String(questions),
    way,
    ...numbers(files),
    ...(chunks ? numbers(chunks) : byChunk ? measures.map(() => '') : []),
  ]);
  return `### ${title}\n\n${markdown(head, cells)}\n`;
}

export function speedTable(speeds: Speed[]): string {
  const head = [
    'code',
    'files',
    'chunks',
    'chunks indexed/s',
    'chunks embedded/s',
    'ms per search',
    'ms per plain BM25 search',
  ];
  const cells = speeds.map(({ name, files, chunks, wordsMs, vectorsMs, questions, hybridMs, plainMs }) => [
    name,
    String(files),
    String(chunks),
    String(Math.round((chunks / wordsMs) * 1000)),
    String(Math.round((chunks / vectorsMs) * 1000)),
    (hybridMs / questions).toFixed(0),
    (plainMs / questions).toFixed(0),
  ]);
  return `### Speed\n\nSearches compare every vector, without Chroma.\n\n${markdown(head, cells)}\n`;
}

function markdown(head: string[], cells: string[][]): string {
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
