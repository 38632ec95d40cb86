const MIN_WORDS = 6;
const MAX_WORDS = 120;
const NO_DESCRIPTION = /inheritdoc|code generated|^todo\b|copyright|eslint-|@internal/i;
/** Ends of a description: tags, sections and examples. */
const END = /^\s*(@\w+|:\w+[^:]*:|>>>|\.\. \w+|```|[A-Z][a-z]+( [a-z]+)?:\s*$|#{1,6}\s|-{3,}|={3,})/;
/** Links, images and markup. */
const MARKUP = /<\/?[a-z][^>]*>|!\[[^\]]*\]\([^)]*\)|\{@\w+\s+|\]\([^)]*\)/gi;

/** Turns a doc comment into the question of a user who searches for the function. Returns null if the comment is too short. */
export function questionFrom(comment: string, name: string, language: string): string | null {
  if (NO_DESCRIPTION.test(comment)) return null;
  const lines: string[] = [];
  for (const line of linesOf(comment, language)) {
    if (END.test(line)) break;
    lines.push(line.trim());
  }
  const text = withoutName(lines.join(' ').replace(MARKUP, ' ').replace(/\s+/g, ' ').trim(), name);
  const words = text.split(' ').filter((word) => /\p{L}{2}/u.test(word));
  return words.length < MIN_WORDS ? null : text.split(' ').slice(0, MAX_WORDS).join(' ');
}

function linesOf(comment: string, language: string): string[] {
  if (language === 'Python') return comment.replace(/^[a-zA-Z]*("""|'''|"|')|("""|'''|"|')$/g, '').split('\n');
  return comment.split('\n').map((line) => line.replace(/^\s*(\/\*\*?|\*\/|\*|\/\/)\s?/, '').replace(/\*\/\s*$/, ''));
}

/** Removes the function's name, with which Go comments start, because it would reveal the answer. */
function withoutName(text: string, name: string): string {
  const rest = text.startsWith(`${name} `) ? text.slice(name.length + 1) : text;
  if (!/[a-z\d][A-Z]|_/.test(name)) return rest;
  return rest.replace(new RegExp(`(?<![\\w$])${name.replace(/\$/g, '\\$')}(?:\\(\\))?(?![\\w$])`, 'g'), 'it');
}
