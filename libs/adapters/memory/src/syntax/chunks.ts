import type { Node } from '@vscode/tree-sitter-wasm';
import { grammarOf, nameOf, withSyntax, type Grammar } from './grammars';

/** A definition of fewer lines stays with the lines around it. */
const MIN_LINES = 3;
const MAX_LINES = 80;
const MAX_CHARACTERS = 6_000;
const MAX_DEFINITIONS = 4_000;

/** Some lines of a file that belong together. */
export interface Chunk {
  /** From 1, both included. */
  startLine: number;
  endLine: number;
  /** What they define, with its surroundings (`Parser.parse`), or a heading; null for lines between definitions. */
  symbol: string | null;
  /** Names of all that is defined in them. */
  names: string[];
  text: string;
}

interface Definition {
  symbol: string;
  name: string;
  /** From 0, both included; with comments and decorators before it. */
  from: number;
  to: number;
}

/** Splits a file along its definitions; what has no grammar, or cannot be parsed, along headings and blank lines. */
export async function chunksOf(text: string, language: string | null): Promise<Chunk[]> {
  const lines = text.split('\n');
  const grammar = grammarOf(language);
  const parsed = grammar && (await withSyntax(grammar, text, (root) => definitionsIn(root, grammar)));
  const definitions = parsed ?? (language === 'Markdown' ? headings(lines) : []);
  return piecesOf(lines, definitions);
}

function definitionsIn(root: Node, grammar: Grammar): Definition[] {
  const { definitions, assignments = [] } = grammar;
  const nodes = root.descendantsOfType([...definitions, ...assignments]);
  const found: (Definition & { end: number })[] = [];
  const open: (Definition & { end: number })[] = [];
  for (const node of nodes) {
    if (!node || found.length >= MAX_DEFINITIONS) continue;
    if (assignments.includes(node.type) && !givesFunction(node)) continue;
    const name = nameOf(node);
    if (!name) continue;
    while (open.length > 0 && open.at(-1)!.end <= node.startIndex) open.pop();
    const outer = outermost(node, grammar);
    const around = open.at(-1)?.symbol ?? receiverOf(node);
    const definition = {
      name,
      symbol: around ? `${around}.${name}` : name,
      from: firstLine(outer),
      to: outer.endPosition.row,
      end: node.endIndex,
    };
    found.push(definition);
    open.push(definition);
  }
  return found;
}

const VALUES = ['arrow_function', 'function_expression', 'generator_function', 'class', 'function'];

function givesFunction(node: Node): boolean {
  const value = node.childForFieldName('value') ?? node.childForFieldName('right');
  return value !== null && VALUES.includes(value.type);
}

/** The node with what stands around it for its sake. */
function outermost(node: Node, { wrappers }: Grammar): Node {
  let outer = node;
  while (outer.parent && wrappers.includes(outer.parent.type)) outer = outer.parent;
  return outer;
}

/** Go's methods stand beside their type: `func (p *Parser) Parse()`. */
function receiverOf(node: Node): string | null {
  const receiver = node.childForFieldName('receiver')?.text;
  return receiver ? (/(\w+)(?:\[[^\]]*\])?\s*\)$/.exec(receiver)?.[1] ?? null) : null;
}

/** With comments and attributes right before it. */
function firstLine(node: Node): number {
  let first = node.startPosition.row;
  let before = node.previousNamedSibling;
  while (before && /comment|attribute_item/.test(before.type) && endRow(before) >= first - 1) {
    // A comment at the end of a line belongs to that line.
    const ahead = before.previousNamedSibling;
    if (ahead && ahead.endPosition.row === before.startPosition.row && !/comment/.test(ahead.type)) break;
    first = before.startPosition.row;
    before = ahead;
  }
  return first;
}

/** Some grammars count the line break as part of a comment. */
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

/** Each line belongs to the innermost definition that is large enough; runs of one owner become pieces. */
function piecesOf(lines: string[], definitions: Definition[]): Chunk[] {
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

/** A line or two right before others, as the head of a class, say little alone: they go with those. */
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

/** Parts of a run that are not too long, broken at blank lines where there are some; without blank lines at the ends. */
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
