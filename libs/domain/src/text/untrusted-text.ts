/* Text of people and models, before it is acted on or sent outside. */

const ZERO_WIDTH = '\u200b';
/** What a reader does not see: zero-width and bidirectional controls, tag characters. */
const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu;
const FENCE = /^( {0,3})(`{3,}|~{3,})/;

/** Splits Markdown into what is code in fences and what is not, in order. */
function segments(markdown: string): { text: string; isCode: boolean }[] {
  const found: { text: string; isCode: boolean }[] = [];
  let fence: string | null = null;
  for (const line of markdown.split('\n')) {
    const mark = FENCE.exec(line)?.[2];
    const wasCode = fence !== null;
    if (fence === null && mark) fence = mark;
    else if (fence !== null && mark && mark[0] === fence[0] && mark.length >= fence.length) fence = null;
    const isCode = wasCode || fence !== null;
    const last = found.at(-1);
    if (last?.isCode === isCode) last.text += `\n${line}`;
    else found.push({ text: line, isCode });
  }
  return found;
}

/**
 * Markdown without what its reader does not see on the forge: HTML comments, comments in the form of link definitions,
 * and invisible characters. Code in fences stays as it is but for those.
 */
export function visibleText(markdown: string): string {
  return segments(markdown.replaceAll('\r\n', '\n'))
    .map(({ text, isCode }) => (isCode ? text : withoutComments(text)))
    .join('\n')
    .replace(INVISIBLE, '');
}

function withoutComments(text: string): string {
  return text.replace(/<!--[\s\S]*?(-->|$)/g, '').replace(/^ {0,3}\[(\/\/|comment)\]:.*$/gim, '');
}

/** The lines of Markdown in which its author speaks: neither code nor quotes nor what is not seen. */
export function spokenLines(markdown: string): string[] {
  return segments(visibleText(markdown))
    .filter(({ isCode }) => !isCode)
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => !/^\s{0,3}>/.test(line) && !/^(\t| {4})/.test(line));
}

/** Text of a model so that it does nothing on a forge by itself: it calls nobody and closes nothing. */
export function inert(text: string): string {
  return text
    .replace(/(^|[^\w`/])@(?=[\w-])/g, `$1@${ZERO_WIDTH}`)
    .replace(
      /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(:?\s+)(?=(?:[\w.-]+\/[\w.-]+)?#\d|https?:\/\/)/gi,
      `$1${ZERO_WIDTH}$2`,
    );
}
