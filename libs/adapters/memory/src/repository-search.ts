import type { HitReason, SearchHit } from '@teko/domain';
import { kindWeight } from './file-kind';
import { fuse, type Rankings, type Weights } from './fusion';
import type { Question } from './question';
import { wordsOf } from './syntax/words';
import type { CodeFiles } from './keywords/code-files';
import type { IndexFile } from './keywords/index-file';
import { KeywordSearch, type Ranked } from './keywords/keyword-search';

const CANDIDATES = 200;
const SNIPPET_LINES = 40;
const MAX_REASON_WORDS = 12;

/** A chunk with a similar vector; the id is content and ordinal. */
export interface Neighbour {
  id: string;
  similarity: number;
}

/** A hit and its relevance to the question, because scores of different repositories are not comparable. */
export interface RelevantHit {
  hit: SearchHit;
  /** 0 to 1. */
  relevance: number;
}

/** A range of lines in a file, from 1, both included. */
export interface LineRange {
  path: string;
  startLine: number;
  endLine: number;
}

interface Candidate extends LineRange {
  id: number;
  file: number;
  language: string | null;
  symbol: string | null;
  names: string;
}

interface FoundChunks {
  candidates: Map<number, Candidate>;
  rankings: Rankings;
}

/** Searches the index of one repository. Each search sees one consistent state. */
export class RepositorySearch {
  private readonly words: KeywordSearch;

  constructor(
    private readonly repositoryId: string,
    private readonly index: IndexFile,
    private readonly files: CodeFiles,
  ) {
    this.words = new KeywordSearch(index);
  }

  /** Returns hits, best first. */
  search(
    question: Question,
    neighbours: Neighbour[],
    { path, limit }: { path?: string; limit: number },
  ): RelevantHit[] {
    return this.index.read(() => {
      const { commit } = this.files;
      if (!commit) return [];
      const found = this.find(question, neighbours, path);
      const similarity = new Map(found.rankings.meaning.map(({ id, score }) => [id, score]));
      return ranked(found, question)
        .slice(0, limit)
        .map(({ candidate, score }) =>
          this.hit(commit, candidate, score, question, similarity.get(candidate.id), found.rankings.paths),
        );
    });
  }

  /** Returns the results for several sets of weights, in their order. Benchmarks use it to compare the parts of the search. */
  compare(question: Question, neighbours: Neighbour[], weights: Weights[], limit: number): LineRange[][] {
    return this.index.read(() => {
      const found = this.find(question, neighbours, undefined);
      return weights.map((one) =>
        ranked(found, question, one)
          .slice(0, limit)
          .map(({ candidate }) => candidate),
      );
    });
  }

  private find(question: Question, neighbours: Neighbour[], path: string | undefined): FoundChunks {
    const words = this.words.byKeywords(question, path, CANDIDATES);
    const names = this.words.byName(question, path, CANDIDATES);
    const meaning = this.chunksOf(neighbours);
    const paths = this.words.byPath(question, path);
    const firstOf = this.firstChunks(paths.map(({ file }) => file));
    const ids = [...words, ...names, ...meaning, ...firstOf].map(({ id }) => id);
    return { candidates: this.candidates(ids, path), rankings: { words, meaning, names, paths } };
  }

  /** Chunks of the searchable commit with these vectors. */
  private chunksOf(neighbours: Neighbour[]): Ranked[] {
    const found: Ranked[] = [];
    for (const { id, similarity } of neighbours) {
      const colon = id.lastIndexOf(':');
      const rows = this.index.all<{ id: number }>(
        'SELECT c.id FROM files f JOIN chunks c ON c.file = f.id WHERE f.content = ? AND f.live = 1 AND c.ordinal = ? LIMIT 5',
        id.slice(0, colon),
        Number(id.slice(colon + 1)),
      );
      found.push(...rows.map((row) => ({ id: row.id, score: similarity })));
    }
    return found;
  }

  private firstChunks(files: number[]): Ranked[] {
    return files.flatMap((file) =>
      this.index
        .all<{ id: number }>('SELECT id FROM chunks WHERE file = ? ORDER BY ordinal LIMIT 1', file)
        .map(({ id }) => ({ id, score: 1 })),
    );
  }

  private candidates(ids: number[], below: string | undefined): Map<number, Candidate> {
    const folder = (below ?? '').replace(/^\.?\/+|\/+$/g, '');
    const found = new Map<number, Candidate>();
    for (const id of new Set(ids)) {
      const row = this.index.get<Candidate>(
        `SELECT c.id, c.file, f.path, f.language, c.startLine, c.endLine, c.symbol, c.names
         FROM chunks c JOIN files f ON f.id = c.file WHERE c.id = ? AND f.live = 1`,
        id,
      );
      if (row && (folder === '' || row.path === folder || row.path.startsWith(`${folder}/`))) found.set(id, row);
    }
    return found;
  }

  private hit(
    commit: string,
    { id, file, path, language, startLine, endLine, symbol, names }: Candidate,
    score: number,
    question: Question,
    similarity: number | undefined,
    paths: { file: number; path: string }[],
  ): RelevantHit {
    const text = this.files.text(id);
    const reasons: HitReason[] = [];
    const isNamed = paths.some((one) => one.file === file);
    if (isNamed) reasons.push({ kind: 'path', detail: path });
    const named = names.split('\n').filter((name) => question.names.includes(name.toLowerCase()));
    if (named.length > 0) reasons.push({ kind: 'symbol', detail: named.join(', ') });
    const present = new Set(wordsOf(`${path} ${symbol ?? ''} ${text}`));
    const shared = [...question.words.keys()].filter((word) => present.has(word));
    const spelled = [...new Set(shared.map((word) => question.spellings.get(word) ?? word))];
    if (shared.length > 0) reasons.push({ kind: 'words', detail: spelled.slice(0, MAX_REASON_WORDS).join(', ') });
    if (similarity !== undefined) reasons.push({ kind: 'meaning', detail: similarity.toFixed(2) });
    const lines = text.split('\n');
    const snippet = lines.length > SNIPPET_LINES ? [...lines.slice(0, SNIPPET_LINES), '…'].join('\n') : text;
    const { repositoryId } = this;
    const hit = { repositoryId, commit, path, startLine, endLine, symbol, language, snippet, score, reasons };
    const covered = shared.length / Math.max(1, question.words.size);
    return { hit, relevance: isNamed || named.length > 0 ? 1 : (covered + Math.max(0, similarity ?? 0)) / 2 };
  }
}

function ranked({ candidates, rankings }: FoundChunks, question: Question, weights?: Weights) {
  return fuse(candidates, rankings, ({ path }) => kindWeight(path, question), weights);
}
