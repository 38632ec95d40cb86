import { proseOf, withoutNoise } from './ticket-noise';
import { spellingsOf, STOP_WORDS, stem, wordsOf } from './syntax/words';

const MAX_CHARACTERS = 20_000;
/** What a title says counts as if it were said so often. */
const TITLE_TIMES = 5;
const MAX_TICKET_CHARACTERS = 600;
/** No name and no path: to look for some in it would take a time that grows with the square of its length. */
const LONG_RUN = /\S{400}/g;

/** What a question asks for, read from its text. */
export interface Question {
  /** What is compared by meaning: no code, no traces, and of a ticket most of all the title. */
  text: string;
  /** Stems of its words, with how often they occur. */
  words: Map<string, number>;
  /** How the question spells them, by stem. */
  spellings: Map<string, string>;
  /** Names that look like code, in lower case: `parseUrl`, `http_client`, `Parser::parse`. */
  names: string[];
  /** Paths of files that are named in it. */
  paths: string[];
  /** Whether it is about tests, about documentation: else their files are rarely what is looked for. */
  about: { tests: boolean; documentation: boolean };
}

const STOPS = new Set([...STOP_WORDS].map(stem));
/** `a/b.py`, `lib/x`, `b.py`: something with a folder, or with an ending that files of code have. */
const PATH =
  /(?:[\w@.+-]+[/\\])+[\w@+-]+(?:\.\w{1,6})?\b|\b[\w@+.-]*\w\.(?:py|pyi|tsx?|[mc]?jsx?|php|go|rb|java|kt|rs|cs?|h|cc|cpp|hpp|vue|svelte|css|scss|html?|twig|sql|sh|md|rst|json|ya?ml|toml|xml|ini|cfg|lock)\b/g;
const NAME = /[A-Za-z_$][\w$]*(?:(?:::|->|\.|#|\\)[A-Za-z_$][\w$]*)*/g;

/** Reads a question; of a ticket, the first line is its title. A long one is cut. */
export function questionOf(whole: string): Question {
  const said = whole.slice(0, MAX_CHARACTERS).replace(LONG_RUN, '$& ');
  const [title = '', ...rest] = said.trim().split('\n');
  const body = withoutNoise(rest.join('\n'));
  const words = new Map<string, number>();
  const add = (text: string, times: number) => {
    for (const word of wordsOf(text)) if (!STOPS.has(word)) words.set(word, (words.get(word) ?? 0) + times);
  };
  add(title, body.trim() === '' ? 1 : TITLE_TIMES);
  add(body, 1);
  const paths = [...new Set([...said.matchAll(PATH)].map(([path]) => path.replaceAll('\\', '/').toLowerCase()))];
  return {
    text: meaningOf(title, proseOf(body)),
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

/** Of a long story the beginning; what the title says stays the most of it. */
function meaningOf(title: string, scenario: string): string {
  if (scenario === '') return title;
  return [...new Array<string>(TITLE_TIMES).fill(title), scenario.slice(0, MAX_TICKET_CHARACTERS)].join('\n');
}

/** The last part of each name that does not look like an ordinary word. */
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
