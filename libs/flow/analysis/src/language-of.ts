import { byContent } from './ambiguous';
import { byAlias, byExtension, byFilename, byInterpreter, byName, type Language } from './language-table';

/** Of the first and of the last lines so many may hold a modeline. */
const MODELINES = 5;
/** So far into a file signs of a language are looked for (heuristics.rb). */
const SIGNS = 50 * 1024;
/** Extensions too common to mean one language by themselves (generic.yml). */
const GENERIC = /\.(?:[1-9]|action|app|cmp|msg|resource|sol|srv|stl|tag|url)$/i;
const MANUAL = /\.(?:[1-9](?![0-9])[a-z_0-9]*|0p|n|man|mdoc)(?:\.in)?$/i;

/**
 * The language of a file: what its modeline says, else its name, interpreter line and extension together, else its
 * content. The order is that of github-linguist (lib/linguist.rb), where each step chooses among what the one before left.
 */
export function languageOf(path: string, head: string): Language | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const said = byModeline(head);
  if (said) return said;
  let candidates: Language[] = [];
  for (const found of [byFilename(name), byInterpreter(interpreterOf(head)), generic(name) ? [] : byExtension(name)]) {
    const common = candidates.length === 0 ? found : candidates.filter((language) => found.includes(language));
    if (common.length === 1) return common[0]!;
    if (common.length > 1) candidates = common;
  }
  const chosen = byContent(name, head.slice(0, SIGNS));
  if (chosen && (candidates.length > 0 || generic(name))) return byName(chosen);
  return mostUsual(name, candidates) ?? byLooks(name, head);
}

const generic = (name: string) => GENERIC.test(name);

/** The one that names the extension or the program first: a programming language before others, and what another is a kind of before that. */
function mostUsual(name: string, candidates: Language[]): Language | null {
  const first = candidates.filter(({ extensions = [] }) => name.toLowerCase().endsWith(extensions[0] ?? '\0'));
  const usual = first.length > 0 ? first : candidates;
  const broad = usual.filter(({ group }) => !usual.some((other) => other.name === group));
  return broad.find(({ type }) => type === 'programming') ?? broad[0] ?? null;
}

function byLooks(name: string, head: string): Language | null {
  if (head.split('\n', 2).some((line) => line.includes('xml version='))) return byName('XML');
  return MANUAL.test(name) ? byName('Roff') : null;
}

function byModeline(head: string): Language | null {
  const lines = head.split('\n', MODELINES).join('\n') + '\n' + lastLines(head);
  const mode = emacsMode(lines) ?? vimFiletype(lines);
  return mode ? byAlias(mode) : null;
}

function lastLines(text: string): string {
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let line = 0; line < MODELINES && at > 0; line++) at = text.lastIndexOf('\n', at - 1);
  return text.slice(Math.max(at, 0));
}

/** `-*- ruby -*-` or `-*- mode: ruby; tab-width: 2 -*-`. */
function emacsMode(lines: string): string | null {
  const said = /-\*-(.*?)-\*-/.exec(lines)?.[1];
  if (said === undefined) return null;
  if (!said.includes(':')) return /^[ \t]*([^;\s]+)[ \t]*$/.exec(said)?.[1] ?? null;
  return /(?:^|[ \t;])mode[ \t]*:[ \t]*([^:;\s]+)/i.exec(said)?.[1] ?? null;
}

/** `vim: ts=4 ft=ruby`, or `vi: set ts=4 ft=ruby :`, where the colon ends what is set. */
function vimFiletype(lines: string): string | null {
  const said = /(?:(?:^|[ \t])(?:vi|[vV]im(?:[<=>]?\d+)?)|[ \t]ex):(.*)/m.exec(lines)?.[1];
  if (said === undefined) return null;
  const options = /^[ \t]*set?[ \t]/.test(said) ? /^([^:]+):/.exec(said)?.[1] : said;
  return /(?:^|[ \t:])(?:filetype|ft|syntax)[ \t]*=(\w+)(?=$|[\s:])/.exec(options ?? '')?.[1] ?? null;
}

/** The program of `#!/usr/bin/python3.11`, `#!/usr/bin/env -S A=b python3`; a shell that hands over to another names that one. */
function interpreterOf(head: string): string {
  if (!head.startsWith('#!')) return '';
  const [command = '', ...words] = head.slice(2).split('\n', 1)[0]!.trim().split(/\s+/);
  const isEnv = command.split('/').at(-1) === 'env';
  const program = (isEnv ? words.find((word) => !/^-|=/.test(word)) : command)?.split('/').at(-1) ?? '';
  return (program === 'sh' && handedTo(head)) || program.replace(/\.\d+$/, '');
}

/** What `exec tclsh "$0" "$@"` names. */
function handedTo(head: string): string | undefined {
  for (const line of head.split('\n', MODELINES)) {
    const [, program, rest = ''] = /exec (\w+)(.+)/.exec(line) ?? [];
    const script = rest.indexOf('$0', 1);
    if (script > 0 && rest.includes('$@', script + 3)) return program;
  }
  return undefined;
}
