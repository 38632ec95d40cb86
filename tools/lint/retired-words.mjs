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
    .split(/[\s_$#-]+/)
    .map((word) => word.toLowerCase());
}

function forNames(words) {
  const single = new Map();
  const prefixes = [];
  for (const entry of words.filter(({ names }) => names)) {
    if (entry.word.endsWith('_')) prefixes.push(entry);
    else single.set(entry.word.toLowerCase(), entry);
  }
  return (name) =>
    prefixes.find(({ word }) => name.startsWith(word)) ??
    wordsIn(name)
      .map((word) => single.get(word) ?? single.get(word.replace(/s$/, '')))
      .find(Boolean);
}

function forTexts(words) {
  const patterns = words
    .filter(({ texts }) => texts)
    .map((entry) => ({ ...entry, pattern: new RegExp(`\\b${entry.word.replaceAll(' ', '\\s+')}s?\\b`, 'i') }));
  return (text) => patterns.find(({ pattern }) => pattern.test(text));
}

const words = retiredWords(readFileSync(new URL('../../docs/glossary.md', import.meta.url), 'utf8'));
const retiredName = forNames(words);
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
