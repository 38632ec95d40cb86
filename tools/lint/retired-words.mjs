/* Refuses the words that docs/glossary.md retires, in identifiers and in texts that people read. */
import { readFileSync } from 'node:fs';

const SECTION = '## Retired words';

/**
 * Reads the table of retired words. Throws if there is none, so that lint never passes by accident.
 * @param {string} markdown
 * @returns {{ word: string, use: string, names: boolean, texts: boolean }[]}
 */
export function retiredWords(markdown) {
  const at = markdown.indexOf(SECTION);
  const rows = at < 0 ? [] : (markdown.slice(at).match(/^\|.*\|$/gm) ?? []);
  const words = rows.slice(2).map((row) => {
    const [word, where, use] = row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    return { word, use, names: where.includes('names'), texts: where.includes('texts') };
  });
  if (words.length === 0) throw new Error(`docs/glossary.md: no table of words under "${SECTION}"`);
  return words;
}

/** `heardAt` and `HEARD_AT` are the words heard and at. */
function wordsIn(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .map((word) => word.toLowerCase());
}

/** Finds a retired word in a name, in singular or plural. An entry such as `MOST_` is a prefix, one such as `lookedAt` several words. */
function forNames(words) {
  const entries = words
    .filter(({ names }) => names)
    .map((entry) => ({
      ...entry,
      isIn: entry.word.endsWith('_')
        ? (name) => name.startsWith(entry.word)
        : (_name, text) => new RegExp(` ${wordsIn(entry.word).join(' ')}s? `).test(text),
    }));
  const found = new Map();
  return (name) => {
    if (!found.has(name)) {
      const text = ` ${wordsIn(name).join(' ')} `;
      found.set(
        name,
        entries.find(({ isIn }) => isIn(name, text)),
      );
    }
    return found.get(name);
  };
}

function forTexts(words) {
  const patterns = words
    .filter(({ texts }) => texts)
    .map((entry) => ({ ...entry, pattern: new RegExp(`\\b${entry.word.replaceAll(' ', '\\s+')}s?\\b`, 'i') }));
  return (text) => patterns.find(({ pattern }) => pattern.test(text));
}

const words = retiredWords(readFileSync(new URL('../../docs/glossary.md', import.meta.url), 'utf8'));
/** Returns the retired word that a name contains, if any. */
export const retiredName = forNames(words);
const retiredText = forTexts(words);

/** The ESLint rule. `texts: true` also checks string literals, templates and the text of JSX. */
export const retiredWordsRule = {
  meta: {
    type: 'suggestion',
    schema: [{ type: 'object', properties: { texts: { type: 'boolean' } }, additionalProperties: false }],
    messages: {
      name: '"{{name}}": docs/glossary.md retires "{{word}}"; use: {{use}}',
      text: 'docs/glossary.md retires "{{word}}" in texts; use: {{use}}',
    },
  },
  create(context) {
    const name = (node) => {
      const entry = retiredName(node.name);
      if (entry) context.report({ node, messageId: 'name', data: { name: node.name, ...entry } });
    };
    const text = (node, value) => {
      const entry = retiredText(value);
      if (entry) context.report({ node, messageId: 'text', data: entry });
    };
    const names = { Identifier: name, PrivateIdentifier: name, JSXIdentifier: name };
    if (!context.options[0]?.texts) return names;
    return {
      ...names,
      Literal: (node) => void (typeof node.value === 'string' && text(node, node.value)),
      TemplateElement: (node) => text(node, node.value.cooked ?? ''),
      JSXText: (node) => text(node, node.value),
    };
  },
};
