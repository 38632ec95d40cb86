/* Sanitises text by users, models and sandboxes before Teko acts on it or publishes it. */

import { BREAK_CHARACTER, breakActiveText, breakReferences, breakReferencesInCode, breakTrailers } from './active-text';
import { codeSpans, fencedSegments, type MarkdownSegment } from './markdown-code';

/** Characters that readers do not see, such as zero-width characters, bidirectional controls and tag characters. */
const INVISIBLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
/** Joiners are part of emoji and of some scripts, and hide something everywhere else. */
const JOINERS = /(?<![^\0-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\0-\x7f])/g;
/** Colours and other sequences for terminals. */
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;
const CONTROL = /(?![\t\n])\p{Cc}/gu;
const LINE_BREAK = /\r\n?|[\u0085\u2028\u2029]/g;
/** Character references that can hide active text, which is all but a few. */
const HIDING_REFERENCE =
  /&(?!(?:amp|lt|gt|quot|apos|grave|nbsp|hellip|[mn]dash|times|[lr]arr|copy|deg);)(?=#?\w{1,32};)/gi;
const MAX_MARKDOWN = 20_000;
const MAX_LINE = 500;
/** GitHub accepts 256 characters. */
const MAX_TITLE = 200;

/**
 * Removes text that is invisible when the forge renders the Markdown: HTML comments, comments in the form of link
 * definitions, and invisible characters. In fenced code only invisible characters are removed.
 */
export function visibleText(markdown: string): string {
  return withoutInvisible(
    fencedSegments(markdown.replaceAll('\r\n', '\n'))
      .segments.map(({ text, isCode }) => (isCode ? text : withoutComments(text)))
      .join('\n'),
  );
}

function withoutComments(text: string): string {
  return text.replace(/<!--[\s\S]*?(-->|$)/g, '').replace(/^ {0,3}\[(\/\/|comment)\]:.*$/gim, '');
}

function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '').replace(JOINERS, '');
}

/** Returns the visible lines written by the author: no code, no quotes. Only these can contain commands. */
export function authoredLines(markdown: string): string[] {
  return fencedSegments(visibleText(markdown))
    .segments.filter(({ isCode }) => !isCode)
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => !/^\s{0,3}>/.test(line) && !/^(\t| {4})/.test(line));
}

/**
 * Makes Markdown safe to publish: it mentions nobody, closes no issue, skips no CI, commands no bot, and contains no HTML,
 * no image and nothing hidden. Its headings cannot be mistaken for Teko's, and its code ends with the text. Code stays as
 * it is, except for what acts inside of code too. Longer text is cut, with a note.
 */
export function neutralize(markdown: string, maxLength = MAX_MARKDOWN): string {
  const text = clean(markdown);
  return within(maxLength, text.length, (length) => {
    const note = text.length > length ? `\n\n[${(text.length - length).toLocaleString('en-US')} more characters]` : '';
    return neutralizeMarkdown(shorten(text, length)) + note;
  });
}

/** Like `neutralize`, for one line within Markdown of Teko, such as an item of a list. */
export function neutralizeLine(text: string, maxLength = MAX_LINE): string {
  const line = oneLine(text);
  return within(maxLength, line.length, (length) => {
    const shortened = shorten(line, length).replace(/`{3,}|~{3,}/g, asText);
    const isPaired = codeSpans(shortened).length > 1 || !shortened.includes('`');
    const safe = neutralizeText(isPaired ? shortened : shortened.replace(/`/g, asText));
    return /^(?:[#>+*=|-]|\d+[.)]|\[)/.test(safe) ? BREAK_CHARACTER + safe : safe;
  });
}

/** Makes text safe as a title or the subject of a commit: one line that is not Markdown. */
export function plainLine(text: string, maxLength = MAX_TITLE): string {
  const line = oneLine(text);
  return within(maxLength, line.length, (length) => breakReferences(breakActiveText(shorten(line, length))));
}

/** Returns a commit message that mentions nobody, closes nothing, skips no CI and has no trailers. */
export function commitMessage(subject: string, body: string): string {
  const text = clean(body)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return [plainLine(subject), breakTrailers(breakReferences(breakActiveText(text)))].filter(Boolean).join('\n\n');
}

/** Returns the text as a code span of Markdown that it cannot end, such as the name of a test, a file or a branch. */
export function codeSpan(text: string, maxLength = MAX_LINE): string {
  const line = breakReferencesInCode(shorten(oneLine(text), maxLength)) || ' ';
  const marks = '`'.repeat(longestRun(line) + 1);
  const padding = /^`|`$/.test(line) ? ' ' : '';
  return breakActiveText(`${marks}${padding}${line}${padding}${marks}`);
}

/** Returns the text as a block of fenced code that it cannot end, such as the output of a command. */
export function fencedBlock(text: string, language = ''): string {
  const code = breakReferencesInCode(breakActiveText(clean(text)));
  const fence = '`'.repeat(Math.max(3, longestRun(code) + 1));
  return `${fence}${language}\n${code}\n${fence}`;
}

/** Returns the result for the longest text of which it has at most `maxLength` characters; a result can be longer than its text. */
function within(maxLength: number, textLength: number, make: (length: number) => string): string {
  let length = Math.min(maxLength, textLength);
  let result = make(length);
  while (result.length > maxLength && length > 1) {
    length = Math.floor(length * 0.7);
    result = make(length);
  }
  return result;
}

function neutralizeMarkdown(text: string): string {
  const { segments, openFence, isCertain } = fencedSegments(text);
  if (!isCertain) return neutralizeText(text.replace(/`{3,}|~{3,}/g, asText));
  const safe = segments.map((segment) =>
    segment.isCode ? breakActiveText(segment.text) : neutralizeText(segment.text),
  );
  return [...safe, ...(openFence ? [openFence] : [])].join('\n');
}

/** Removes what readers do not see, except for line breaks and tabs. */
function clean(text: string): string {
  return withoutInvisible(
    text
      .replace(LINE_BREAK, '\n')
      .replace(TERMINAL, '')
      .replace(CONTROL, '')
      .replace(/\p{Cs}/gu, '\ufffd'),
  );
}

function oneLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim();
}

function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Neutralises text without fenced code. */
function neutralizeText(text: string): string {
  const parts = text
    .split(/(\n[ \t]*\n)/)
    .flatMap((paragraph, i): MarkdownSegment[] => (i % 2 ? [{ text: paragraph, isCode: false }] : blockOf(paragraph)))
    .map(({ text: part, isCode }) => (isCode ? part : breakReferences(withoutMarkup(part))));
  return breakActiveText(parts.join(''));
}

/** Returns the spans of a paragraph, whose headings are changed first. */
function blockOf(paragraph: string): MarkdownSegment[] {
  return codeSpans(
    paragraph
      .replace(
        /^( {0,3})(#{1,6})(?=[ \t]|$)/gm,
        (_, indent: string, marks: string) => indent + '#'.repeat(Math.min(6, marks.length + 3)),
      )
      .replace(/(?<=\S[ \t]*\n {0,3})(?=(?:=+|-+)[ \t]*$)/gm, '\\'),
  );
}

/** Removes HTML, images, alerts, hidden definitions and links that run code. */
function withoutMarkup(text: string): string {
  return text
    .replace(HIDING_REFERENCE, '&amp;')
    .replace(/<(?=[A-Za-z/!?@#])/g, '&lt;')
    .replace(/!(?=\[)/g, `!${BREAK_CHARACTER}`)
    .replace(/\[!(?=\p{L})/gu, `[!${BREAK_CHARACTER}`)
    .replace(/^( {0,3}\[[^\]\n]{1,200}\])(?=:[ \t]*(?:#|<>|&lt;|$))/gm, `$1${BREAK_CHARACTER}`)
    .replace(/((?:\]\(|\]:)\s{0,20}(?!https?:|mailto:)[a-z][a-z0-9+.-]{0,30})(?=\s*\\?:)/gi, `$1${BREAK_CHARACTER}`)
    .replace(/\b(javascript|vbscript)(?=\s*\\?:)/gi, `$1${BREAK_CHARACTER}`);
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([marks]) => marks.length));
}

/** Returns back-ticks or tildes that are shown, and delimit nothing. */
function asText(marks: string): string {
  return [...marks].map((mark) => (mark === '`' ? '&grave;' : mark + BREAK_CHARACTER)).join('');
}
