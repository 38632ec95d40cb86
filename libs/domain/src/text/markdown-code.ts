/* Finds code in Markdown as GitHub does, without a parser: where containers make it ambiguous, it says so. */

export interface MarkdownSegment {
  text: string;
  /** Fenced code, with its fences. */
  isCode: boolean;
}

export interface MarkdownSegments {
  segments: MarkdownSegment[];
  /** The line that ends a fence that is still open at the end of the text, or null. */
  openFence: string | null;
  /** Whether every renderer finds the same fences. False for fences in quotes, in deeper lists and of uneven indentation. */
  isCertain: boolean;
}

const OPENING = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/;
const CLOSING = /^( {0,3})(`{3,}|~{3,})[ \t]*$/;
const MARKS = /`{3,}|~{3,}/;

/** Splits Markdown into fenced code and other text, in order. */
export function fencedSegments(markdown: string): MarkdownSegments {
  const segments: MarkdownSegment[] = [];
  let open: { indent: number; marks: string } | null = null;
  let isCertain = true;
  for (const line of markdown.split('\n')) {
    const wasCode: boolean = open !== null;
    if (open) {
      const closing = CLOSING.exec(line);
      const marks = closing?.[2] ?? '';
      const isClosed = marks[0] === open.marks[0] && marks.length >= open.marks.length;
      isCertain &&= isLineCertain(line, open.indent, isClosed);
      if (isClosed) open = null;
    } else {
      const opening = OPENING.exec(line);
      if (opening) open = { indent: opening[1]!.length, marks: opening[2]! };
      else isCertain &&= !MARKS.test(line);
    }
    const isCode = wasCode || open !== null;
    const last = segments.at(-1);
    if (last && last.isCode === isCode && !(isCode && !wasCode)) last.text += `\n${line}`;
    else segments.push({ text: line, isCode });
  }
  return { segments, openFence: open && ' '.repeat(open.indent) + open.marks, isCertain };
}

/** An indented fence can belong to a list: it is certain if no line can end the list, and no other line can be its end. */
function isLineCertain(line: string, indent: number, isClosed: boolean): boolean {
  if (indent === 0 || line.trim() === '') return true;
  const isIndented = /^ */.exec(line)![0].length >= indent;
  return isIndented && (isClosed || !/^\s*(?:`{3,}|~{3,})\s*$/.test(line));
}

/**
 * Splits a paragraph into code spans and other text, in order. Finds no code if a span could be read in different ways: if it
 * crosses a line or a table cell, or if a back-tick is escaped or not paired.
 */
export function codeSpans(paragraph: string): MarkdownSegment[] {
  const result: MarkdownSegment[] = [];
  for (const [i, line] of paragraph.split('\n').entries()) {
    const spans = spansOfLine(i === 0 ? line : `\n${line}`);
    if (!spans) return [{ text: paragraph, isCode: false }];
    result.push(...spans);
  }
  return result;
}

function spansOfLine(line: string): MarkdownSegment[] | null {
  const result: MarkdownSegment[] = [];
  const runs = [...line.matchAll(/`+/g)];
  let end = 0;
  for (let i = 0; i < runs.length;) {
    const opening = runs[i]!;
    let closing = i + 1;
    while (closing < runs.length && runs[closing]![0].length !== opening[0].length) closing++;
    if (closing === runs.length || line[opening.index - 1] === '\\') return null;
    const after = runs[closing]!.index + opening[0].length;
    const code = line.slice(opening.index, after);
    if (code.includes('|')) return null;
    result.push({ text: line.slice(end, opening.index), isCode: false }, { text: code, isCode: true });
    end = after;
    i = closing + 1;
  }
  result.push({ text: line.slice(end), isCode: false });
  return result;
}
