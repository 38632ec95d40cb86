import type { HitReason, SearchHit } from '@teko/domain';
import { shareOf } from './file-kind';
import { fuse, type Orders, type Weights } from './fusion';
import type { Question } from './question';
import { wordsOf } from './syntax/words';
import type { CodeFiles } from './words/code-files';
import type { IndexFile } from './words/index-file';
import { WordSearch, type Ranked } from './words/word-search';

const CANDIDATES = 200;
const SNIPPET_LINES = 40;
const MAX_NAMED_WORDS = 12;

/** A vector that is near: content and place in it. */
export interface Neighbour {
  id: string;
  similarity: number;
}

/** A hit, and how much it has to do with the question: ranks in one repository say nothing about those in another. */
export interface FittingHit {
  hit: SearchHit;
  /** 0 to 1. */
  fit: number;
}

/** Lines of a file. */
export interface Place {
  path: string;
  startLine: number;
  endLine: number;
}

interface Candidate extends Place {
  id: number;
  file: number;
  language: string | null;
  symbol: string | null;
  names: string;
}

interface Found {
  candidates: Map<number, Candidate>;
  orders: Orders;
}

/** Searches one repository's index, in one and the same state of it. */
export class RepositorySearch {
  private readonly words: WordSearch;

  constructor(
    private readonly repositoryId: string,
    private readonly index: IndexFile,
    private readonly files: CodeFiles,
  ) {
    this.words = new WordSearch(index);
  }

  /** The best first. */
  search(question: Question, near: Neighbour[], { path, limit }: { path?: string; limit: number }): FittingHit[] {
    return this.index.read(() => {
      const { commit } = this.files;
      if (!commit) return [];
      const found = this.find(question, near, path);
      const similarity = new Map(found.orders.meaning.map(({ id, score }) => [id, score]));
      return ranked(found, question)
        .slice(0, limit)
        .map(({ candidate, score }) =>
          this.hit(commit, candidate, score, question, similarity.get(candidate.id), found.orders.paths),
        );
    });
  }

  /** What other weights would give, in the same order as they are: for measuring what each part is worth. */
  compare(question: Question, near: Neighbour[], weights: Weights[], limit: number): Place[][] {
    return this.index.read(() => {
      const found = this.find(question, near, undefined);
      return weights.map((one) =>
        ranked(found, question, one)
          .slice(0, limit)
          .map(({ candidate }) => candidate),
      );
    });
  }

  private find(question: Question, near: Neighbour[], path: string | undefined): Found {
    const words = this.words.byWords(question, path, CANDIDATES);
    const names = this.words.byName(question, path, CANDIDATES);
    const meaning = this.known(near);
    const paths = this.words.byPath(question, path);
    const firstOf = this.firstChunks(paths.map(({ file }) => file));
    const ids = [...words, ...names, ...meaning, ...firstOf].map(({ id }) => id);
    return { candidates: this.candidates(ids, path), orders: { words, meaning, names, paths } };
  }

  /** Vectors of contents that the searchable commit has. */
  private known(near: Neighbour[]): Ranked[] {
    const found: Ranked[] = [];
    for (const { id, similarity } of near) {
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
  ): FittingHit {
    const text = this.files.text(id);
    const why: HitReason[] = [];
    const isNamed = paths.some((one) => one.file === file);
    if (isNamed) why.push({ kind: 'path', detail: path });
    const named = names.split('\n').filter((name) => question.names.includes(name.toLowerCase()));
    if (named.length > 0) why.push({ kind: 'symbol', detail: named.join(', ') });
    const here = new Set(wordsOf(`${path} ${symbol ?? ''} ${text}`));
    const shared = [...question.words.keys()].filter((word) => here.has(word));
    const spelled = [...new Set(shared.map((word) => question.spellings.get(word) ?? word))];
    if (shared.length > 0) why.push({ kind: 'words', detail: spelled.slice(0, MAX_NAMED_WORDS).join(', ') });
    if (similarity !== undefined) why.push({ kind: 'meaning', detail: similarity.toFixed(2) });
    const lines = text.split('\n');
    const snippet = lines.length > SNIPPET_LINES ? [...lines.slice(0, SNIPPET_LINES), '…'].join('\n') : text;
    const { repositoryId } = this;
    const hit = { repositoryId, commit, path, startLine, endLine, symbol, language, snippet, score, why };
    const covered = shared.length / Math.max(1, question.words.size);
    return { hit, fit: isNamed || named.length > 0 ? 1 : (covered + Math.max(0, similarity ?? 0)) / 2 };
  }
}

function ranked({ candidates, orders }: Found, question: Question, weights?: Weights) {
  return fuse(candidates, orders, ({ path }) => shareOf(path, question), weights);
}
