/* Sanitises text by users and models before Teko acts on it or posts it. */

const ZERO_WIDTH = '\u200b';
/** Characters that readers do not see: zero-width characters, bidirectional controls, tag characters. */
const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu;
const FENCE = /^( {0,3})(`{3,}|~{3,})/;

/** Splits Markdown into fenced code and other text, in order. */
function segments(markdown: string): { text: string; isCode: boolean }[] {
  const result: { text: string; isCode: boolean }[] = [];
  let fence: string | null = null;
  for (const line of markdown.split('\n')) {
    const marker = FENCE.exec(line)?.[2];
    const wasCode = fence !== null;
    if (fence === null && marker) fence = marker;
    else if (fence !== null && marker && marker[0] === fence[0] && marker.length >= fence.length) fence = null;
    const isCode = wasCode || fence !== null;
    const last = result.at(-1);
    if (last?.isCode === isCode) last.text += `\n${line}`;
    else result.push({ text: line, isCode });
  }
  return result;
}

/**
 * Removes text that is invisible when the forge renders the Markdown: HTML comments, comments in the form of link
 * definitions, and invisible characters. In fenced code only invisible characters are removed.
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

/** Returns the visible lines written by the author: no code, no quotes. Only these can contain commands. */
export function authoredLines(markdown: string): string[] {
  return segments(visibleText(markdown))
    .filter(({ isCode }) => !isCode)
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => !/^\s{0,3}>/.test(line) && !/^(\t| {4})/.test(line));
}

/** Makes text of a model safe to post on a forge: it mentions no user and closes no issue. */
export function neutralize(text: string): string {
  return text
    .replace(/(^|[^\w`/])@(?=[\w-])/g, `$1@${ZERO_WIDTH}`)
    .replace(
      /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(:?\s+)(?=(?:[\w.-]+\/[\w.-]+)?#\d|https?:\/\/)/gi,
      `$1${ZERO_WIDTH}$2`,
    );
}
