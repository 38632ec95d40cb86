import type { Node } from '@vscode/tree-sitter-wasm';
import { grammarOf, nameOf, withSyntax, type Grammar } from './grammars';

/** Shorter definitions stay with the lines around them. */
const MIN_LINES = 3;
const MAX_LINES = 80;
const MAX_CHARACTERS = 6_000;
const MAX_DEFINITIONS = 4_000;

/** Consecutive lines of a file that belong together. */
export interface Chunk {
  /** From 1, both included. */
  startLine: number;
  endLine: number;
  /** The qualified name of the definition (`Parser.parse`) or a heading; null for lines between definitions. */
  symbol: string | null;
  /** Names of all definitions in the chunk. */
  names: string[];
  text: string;
}

interface Definition {
  symbol: string;
  name: string;
  /** From 0, both included; includes preceding comments and decorators. */
  from: number;
  to: number;
}

/** Splits a file by definitions, or by headings and blank lines if it has no grammar or cannot be parsed. */
export async function chunksOf(text: string, language: string | null): Promise<Chunk[]> {
  const lines = text.split('\n');
  const grammar = grammarOf(language);
  const parsed = grammar && (await withSyntax(grammar, text, (root) => definitionsIn(root, grammar)));
  const definitions = parsed ?? (language === 'Markdown' ? headings(lines) : []);
  return chunksFrom(lines, definitions);
}

function definitionsIn(root: Node, grammar: Grammar): Definition[] {
  const { definitions, assignments = [] } = grammar;
  const nodes = root.descendantsOfType([...definitions, ...assignments]);
  const found: (Definition & { end: number })[] = [];
  const open: (Definition & { end: number })[] = [];
  for (const node of nodes) {
    if (!node || found.length >= MAX_DEFINITIONS) continue;
    if (assignments.includes(node.type) && !assignsFunction(node)) continue;
    const name = nameOf(node);
    if (!name) continue;
    while (open.length > 0 && open.at(-1)!.end <= node.startIndex) open.pop();
    const outer = withWrappers(node, grammar);
    const parent = open.at(-1)?.symbol ?? receiverOf(node);
    const definition = {
      name,
      symbol: parent ? `${parent}.${name}` : name,
      from: firstLine(outer),
      to: outer.endPosition.row,
      end: node.endIndex,
    };
    found.push(definition);
    open.push(definition);
  }
  return found;
}

const FUNCTION_VALUES = ['arrow_function', 'function_expression', 'generator_function', 'class', 'function'];

function assignsFunction(node: Node): boolean {
  const value = node.childForFieldName('value') ?? node.childForFieldName('right');
  return value !== null && FUNCTION_VALUES.includes(value.type);
}

/** The node including its wrappers, such as decorators and `export`. */
function withWrappers(node: Node, { wrappers }: Grammar): Node {
  let outer = node;
  while (outer.parent && wrappers.includes(outer.parent.type)) outer = outer.parent;
  return outer;
}

/** The receiver type of a Go method: `func (p *Parser) Parse()`. */
function receiverOf(node: Node): string | null {
  const receiver = node.childForFieldName('receiver')?.text;
  return receiver ? (/(\w+)(?:\[[^\]]*\])?\s*\)$/.exec(receiver)?.[1] ?? null) : null;
}

/** First line including directly preceding comments and attributes. */
function firstLine(node: Node): number {
  let first = node.startPosition.row;
  let before = node.previousNamedSibling;
  while (before && /comment|attribute_item/.test(before.type) && endRow(before) >= first - 1) {
    // A trailing comment belongs to the line it is on.
    const preceding = before.previousNamedSibling;
    if (preceding && preceding.endPosition.row === before.startPosition.row && !/comment/.test(preceding.type)) break;
    first = before.startPosition.row;
    before = preceding;
  }
  return first;
}

/** Last row of a node. Some grammars include the line break in a comment. */
function endRow({ endPosition, startPosition }: Node): number {
  return endPosition.column === 0 && endPosition.row > startPosition.row ? endPosition.row - 1 : endPosition.row;
}

function headings(lines: string[]): Definition[] {
  const found: Definition[] = [];
  let isCode = false;
  lines.forEach((line, at) => {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    const name = isCode ? undefined : /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1]?.slice(0, 120);
    if (!name) return;
    const last = found.at(-1);
    if (last) last.to = at - 1;
    found.push({ name, symbol: name, from: at, to: lines.length - 1 });
  });
  return found;
}

/** Assigns each line to the innermost definition that is long enough, and turns consecutive lines of a definition into chunks. */
function chunksFrom(lines: string[], definitions: Definition[]): Chunk[] {
  const owners = new Int32Array(lines.length).fill(-1);
  definitions.forEach(({ from, to }, i) => {
    if (to - from + 1 >= MIN_LINES) owners.fill(i, from, to + 1);
  });
  const namesAt = new Map<number, string[]>();
  for (const { name, from } of definitions) namesAt.set(from, [...(namesAt.get(from) ?? []), name]);
  const pieces: Piece[] = [];
  for (let from = 0; from < lines.length;) {
    let to = from;
    while (to + 1 < lines.length && owners[to + 1] === owners[from]) to++;
    const symbol = definitions[owners[from]!]?.symbol ?? null;
    for (const [first, last] of parts(lines, from, to))
      if (lines.slice(first, last + 1).some((line) => /[\p{L}\p{N}]/u.test(line))) pieces.push({ first, last, symbol });
    from = to + 1;
  }
  return joined(pieces).map(({ first, last, symbol }) => {
    const names: string[] = [];
    for (let line = first; line <= last; line++) names.push(...(namesAt.get(line) ?? []));
    return { startLine: first + 1, endLine: last + 1, symbol, names, text: lines.slice(first, last + 1).join('\n') };
  });
}

interface Piece {
  first: number;
  last: number;
  symbol: string | null;
}

/** Joins one or two lines, such as the head of a class, with the lines after them. */
function joined(pieces: Piece[]): Piece[] {
  const found: Piece[] = [];
  for (const piece of pieces.toReversed()) {
    const next = found[0];
    const isSmall = next && piece.last - piece.first + 1 < MIN_LINES && next.first - piece.last <= 2;
    if (isSmall) found[0] = { ...next, first: piece.first, symbol: next.symbol ?? piece.symbol };
    else found.unshift(piece);
  }
  return found;
}

/** Splits a range into parts of limited length, at blank lines if possible, and trims blank lines at their ends. */
function parts(lines: string[], from: number, to: number): [number, number][] {
  const found: [number, number][] = [];
  let first = from;
  while (first <= to) {
    while (first <= to && lines[first]!.trim() === '') first++;
    let last = first;
    let characters = lines[first]?.length ?? 0;
    let blank = -1;
    while (last < to && last - first + 1 < MAX_LINES && characters + lines[last + 1]!.length < MAX_CHARACTERS) {
      last++;
      characters += lines[last]!.length + 1;
      if (lines[last]!.trim() === '') blank = last;
    }
    if (last < to && blank > first + MAX_LINES / 4) last = blank;
    let end = last;
    while (end > first && lines[end]!.trim() === '') end--;
    if (first <= to) found.push([first, end]);
    first = last + 1;
  }
  return found;
}
