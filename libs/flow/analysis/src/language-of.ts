import { byContent } from './ambiguous';
import { byAlias, byExtension, byFilename, byInterpreter, byName, type Language } from './language-table';

/** A modeline is searched in this many lines at the start and at the end. */
const MODELINE_LINES = 5;
/** The heuristics are applied to this much of the content (heuristics.rb). */
const MAX_HEURISTIC_LENGTH = 50 * 1024;
/** Extensions too common to mean one language by themselves (generic.yml). */
const GENERIC = /\.(?:[1-9]|action|app|cmp|msg|resource|sol|srv|stl|tag|url)$/i;
const MANUAL = /\.(?:[1-9](?![0-9])[a-z_0-9]*|0p|n|man|mdoc)(?:\.in)?$/i;

/**
 * Detects the language of a file by its modeline, or else by file name, shebang and extension, or else by its content. As in
 * github-linguist (lib/linguist.rb), each step chooses among the candidates of the previous one. Returns null if unknown.
 */
export function languageOf(path: string, head: string): Language | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const fromModeline = byModeline(head);
  if (fromModeline) return fromModeline;
  let candidates: Language[] = [];
  for (const languages of [
    byFilename(name),
    byInterpreter(interpreterOf(head)),
    generic(name) ? [] : byExtension(name),
  ]) {
    const common = candidates.length === 0 ? languages : candidates.filter((language) => languages.includes(language));
    if (common.length === 1) return common[0]!;
    if (common.length > 1) candidates = common;
  }
  const chosen = byContent(name, head.slice(0, MAX_HEURISTIC_LENGTH));
  if (chosen && (candidates.length > 0 || generic(name))) return byName(chosen);
  return mostCommon(name, candidates) ?? byFallback(name, head);
}

const generic = (name: string) => GENERIC.test(name);

/** Returns the most common candidate: its primary extension matches, it is not a variant of another candidate, and programming languages come first. */
function mostCommon(name: string, candidates: Language[]): Language | null {
  const first = candidates.filter(({ extensions = [] }) => name.toLowerCase().endsWith(extensions[0] ?? '\0'));
  const preferred = first.length > 0 ? first : candidates;
  const broad = preferred.filter(({ group }) => !preferred.some((other) => other.name === group));
  return broad.find(({ type }) => type === 'programming') ?? broad[0] ?? null;
}

function byFallback(name: string, head: string): Language | null {
  if (head.split('\n', 2).some((line) => line.includes('xml version='))) return byName('XML');
  return MANUAL.test(name) ? byName('Roff') : null;
}

function byModeline(head: string): Language | null {
  const lines = head.split('\n', MODELINE_LINES).join('\n') + '\n' + lastLines(head);
  const mode = emacsMode(lines) ?? vimFiletype(lines);
  return mode ? byAlias(mode) : null;
}

function lastLines(text: string): string {
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let line = 0; line < MODELINE_LINES && at > 0; line++) at = text.lastIndexOf('\n', at - 1);
  return text.slice(Math.max(at, 0));
}

/** `-*- ruby -*-` or `-*- mode: ruby; tab-width: 2 -*-`. */
function emacsMode(lines: string): string | null {
  const modeline = /-\*-(.*?)-\*-/.exec(lines)?.[1];
  if (modeline === undefined) return null;
  if (!modeline.includes(':')) return /^[ \t]*([^;\s]+)[ \t]*$/.exec(modeline)?.[1] ?? null;
  return /(?:^|[ \t;])mode[ \t]*:[ \t]*([^:;\s]+)/i.exec(modeline)?.[1] ?? null;
}

/** `vim: ts=4 ft=ruby`, or `vi: set ts=4 ft=ruby :`, where the colon ends the options. */
function vimFiletype(lines: string): string | null {
  const modeline = /(?:(?:^|[ \t])(?:vi|[vV]im(?:[<=>]?\d+)?)|[ \t]ex):(.*)/m.exec(lines)?.[1];
  if (modeline === undefined) return null;
  const options = /^[ \t]*set?[ \t]/.test(modeline) ? /^([^:]+):/.exec(modeline)?.[1] : modeline;
  return /(?:^|[ \t:])(?:filetype|ft|syntax)[ \t]*=(\w+)(?=$|[\s:])/.exec(options ?? '')?.[1] ?? null;
}

/** Returns the program of a shebang like `#!/usr/bin/env -S A=b python3`. For a shell script that only executes another interpreter, returns that one. */
function interpreterOf(head: string): string {
  if (!head.startsWith('#!')) return '';
  const [command = '', ...words] = head.slice(2).split('\n', 1)[0]!.trim().split(/\s+/);
  const isEnv = command.split('/').at(-1) === 'env';
  const program = (isEnv ? words.find((word) => !/^-|=/.test(word)) : command)?.split('/').at(-1) ?? '';
  return (program === 'sh' && execTarget(head)) || program.replace(/\.\d+$/, '');
}

/** Returns the program of a line like `exec tclsh "$0" "$@"`. */
function execTarget(head: string): string | undefined {
  for (const line of head.split('\n', MODELINE_LINES)) {
    const [, program, rest = ''] = /exec (\w+)(.+)/.exec(line) ?? [];
    const script = rest.indexOf('$0', 1);
    if (script > 0 && rest.includes('$@', script + 3)) return program;
  }
  return undefined;
}
