import { proseOf, withoutNoise } from './ticket-noise';
import { spellingsOf, STOP_WORDS, stem, wordsOf } from './syntax/words';

const MAX_CHARACTERS = 20_000;
/** How many times the words of a title count. */
const TITLE_WEIGHT = 5;
const MAX_TICKET_CHARACTERS = 600;
/** Contains no name or path, and would make the regular expressions take quadratic time. */
const LONG_RUN = /\S{400}/g;

/** A search query, parsed from its text. */
export interface Question {
  /** The text to embed: without code and stack traces; for a ticket mostly the title. */
  text: string;
  /** Number of occurrences by stem. */
  words: Map<string, number>;
  /** Spelling in the question by stem. */
  spellings: Map<string, string>;
  /** Identifiers such as `parseUrl`, `http_client` or `Parser::parse`, in lower case. */
  names: string[];
  /** File paths that the question names. */
  paths: string[];
  /** Whether the question is about tests or documentation. Otherwise their files are rarely the answer. */
  about: { tests: boolean; documentation: boolean };
}

const STOP_STEMS = new Set([...STOP_WORDS].map(stem));
/** A path with a folder or with the extension of a source file: `a/b.py`, `lib/x`, `b.py`. */
const PATH =
  /(?:[\w@.+-]+[/\\])+[\w@+-]+(?:\.\w{1,6})?\b|\b[\w@+.-]*\w\.(?:py|pyi|tsx?|[mc]?jsx?|php|go|rb|java|kt|rs|cs?|h|cc|cpp|hpp|vue|svelte|css|scss|html?|twig|sql|sh|md|rst|json|ya?ml|toml|xml|ini|cfg|lock)\b/g;
const NAME = /[A-Za-z_$][\w$]*(?:(?:::|->|\.|#|\\)[A-Za-z_$][\w$]*)*/g;

/** Parses a question. The first line of a ticket is its title. Long texts are cut. */
export function parseQuestion(whole: string): Question {
  const cut = whole.slice(0, MAX_CHARACTERS).replace(LONG_RUN, '$& ');
  const [title = '', ...rest] = cut.trim().split('\n');
  const body = withoutNoise(rest.join('\n'));
  const words = new Map<string, number>();
  const add = (text: string, times: number) => {
    for (const word of wordsOf(text)) if (!STOP_STEMS.has(word)) words.set(word, (words.get(word) ?? 0) + times);
  };
  add(title, body.trim() === '' ? 1 : TITLE_WEIGHT);
  add(body, 1);
  const paths = [...new Set([...cut.matchAll(PATH)].map(([path]) => path.replaceAll('\\', '/').toLowerCase()))];
  return {
    text: textToEmbed(title, proseOf(body)),
    words,
    spellings: spellingsOf(`${title}\n${body}`),
    names: namesIn(`${title}\n${body}`),
    paths,
    about: {
      tests: /\b(?:tests?|testing|specs?|fixtures?|coverage)\b/i.test(title),
      documentation: /\b(?:docs?|documentation|readme|changelog|typos?)\b/i.test(title),
    },
  };
}

/** Repeats the title and adds the beginning of the body, so that the title dominates. */
function textToEmbed(title: string, body: string): string {
  if (body === '') return title;
  return [...new Array<string>(TITLE_WEIGHT).fill(title), body.slice(0, MAX_TICKET_CHARACTERS)].join('\n');
}

/** Parts of names that do not look like ordinary words. */
function namesIn(withPaths: string): string[] {
  const names = new Set<string>();
  const text = withPaths.replace(PATH, ' ');
  for (const { 0: whole, index } of text.matchAll(NAME)) {
    const quoted = text[index - 1] === '`' || text[index + whole.length] === '(';
    for (const part of whole.split(/::|->|[.#\\]/)) {
      const looksLikeCode = /[a-z\d][A-Z]|[A-Za-z\d]_[A-Za-z\d]|^_|^[A-Z]{2,}[a-z]/.test(part) || part !== whole;
      if (part.length > 2 && (quoted || looksLikeCode)) names.add(part.toLowerCase());
    }
  }
  return [...names];
}
