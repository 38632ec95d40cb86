const QUOTES = `"""|'''`;
const OPENING = new RegExp(`^[rRuU]?(${QUOTES})`);
const CLOSING = new RegExp(`(${QUOTES})$`);

/** Returns the examples that doctest runs, in any docstring: the lines of the input and of the output that it must have. */
export function pythonDoctests(source: string): string[] {
  const examples: string[][] = [];
  let isInside = false;
  for (const line of source.split('\n')) {
    const quoted = line.trim().replace(OPENING, '');
    const text = quoted.replace(CLOSING, '').trim();
    if (/^>>>( |$)/.test(text)) examples.push([text]);
    else if (isInside && text !== '') examples.at(-1)!.push(text);
    isInside = text !== '' && text === quoted && (isInside || text.startsWith('>>>'));
  }
  return examples.map((lines) => lines.join('\n'));
}
