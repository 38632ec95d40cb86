/* The forms of a noun, and which nouns cannot be used. */

const MAX_NOUN_LENGTH = 30;
const KEBAB = /^[a-z]+(-[a-z]+)*$/;
/** Keywords, TypeORM's own table, and what the templates import or name themselves. */
const RESERVED = `
  any as body break case catch class clock const continue controller create debugger default delete do edit else
  endpoint enum export extends false finally flag for function get grant id if import in inject input instanceof
  list make migration name new newcomer now null number object omit override package page param partial patch
  pick port post private query readonly record required resource return row show static store stored string
  super switch symbol table text this throw true try type typeof undefined unknown var void while with within
  yield
`
  .trim()
  .split(/\s+/);

/** Throws if `noun` or `plural` is no name for a resource. */
export function namesOf(noun, plural = pluralOf(noun)) {
  for (const [option, name] of Object.entries({ noun, plural }))
    if (!KEBAB.test(name) || name.length > MAX_NOUN_LENGTH)
      throw new Error(`${option}: "${name}" must be words of a-z joined by "-", at most ${MAX_NOUN_LENGTH} characters`);
  const Pascal = pascal(noun);
  if (RESERVED.includes(noun) || RESERVED.includes(plural) || Pascal in globalThis)
    throw new Error(`noun: "${noun}" is reserved by the language or the framework`);
  if (plural === noun) throw new Error(`plural: must differ from the noun "${noun}"`);
  const words = noun.replaceAll('-', ' ');
  const wordsPlural = plural.replaceAll('-', ' ');
  const article = /^[aeiou]/.test(noun) ? 'an' : 'a';
  return {
    kebab: noun,
    kebabs: plural,
    camel: camel(noun),
    camels: camel(plural),
    Pascal,
    Pascals: pascal(plural),
    words,
    wordsPlural,
    title: capitalised(words),
    pluralTitle: capitalised(wordsPlural),
    aWords: `${article} ${words}`,
    aTitle: capitalised(`${article} ${words}`),
    builder: `${article}${Pascal}`,
    table: plural.replaceAll('-', '_'),
  };
}

export function capitalised(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function pluralOf(noun) {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

function pascal(kebab) {
  return kebab.split('-').map(capitalised).join('');
}

function camel(kebab) {
  return kebab.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}
