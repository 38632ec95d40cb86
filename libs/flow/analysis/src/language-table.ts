import * as linguist from 'linguist-languages';

/** A language in Linguist's table (languages.yml). */
export interface Language {
  name: string;
  type: string;
  group?: string;
  aliases?: readonly string[];
  extensions?: readonly string[];
  filenames?: readonly string[];
  interpreters?: readonly string[];
}

const TABLE = Object.values(linguist as unknown as Record<string, Language>).filter(
  (language) => language?.name && language.type,
);

function indexBy(valuesOf: (language: Language) => readonly string[] | undefined): Map<string, Language[]> {
  const index = new Map<string, Language[]>();
  for (const language of TABLE)
    for (const value of valuesOf(language) ?? []) index.set(value, [...(index.get(value) ?? []), language]);
  return index;
}

const BY_NAME = indexBy(({ name }) => [name]);
const BY_ALIAS = indexBy(({ name, aliases = [] }) => [name.toLowerCase().replaceAll(' ', '-'), ...aliases]);
const BY_FILENAME = indexBy(({ filenames }) => filenames);
const BY_INTERPRETER = indexBy(({ interpreters }) => interpreters);
const BY_EXTENSION = indexBy(({ extensions }) => extensions?.map((extension) => extension.toLowerCase()));

export const byName = (name: string): Language | null => BY_NAME.get(name)?.[0] ?? null;
/** Finds a language by a name that is used in modelines and .gitattributes. */
export const byAlias = (alias: string): Language | null => BY_ALIAS.get(alias.toLowerCase())?.[0] ?? null;
export const byFilename = (name: string): Language[] => BY_FILENAME.get(name) ?? [];
export const byInterpreter = (program: string): Language[] => BY_INTERPRETER.get(program) ?? [];

/** Returns the languages of the longest known extension of the file name. */
export function byExtension(name: string): Language[] {
  const lower = name.toLowerCase();
  for (let at = lower.indexOf('.'); at >= 0; at = lower.indexOf('.', at + 1)) {
    const languages = BY_EXTENSION.get(lower.slice(at));
    if (languages) return languages;
  }
  return [];
}
