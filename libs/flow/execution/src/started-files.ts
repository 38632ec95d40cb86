import { posix } from 'node:path';
import { isTestFile, startsOtherFiles, type GitMirrors, type TreeEntry } from '@teko/domain';

const MAX_FILES = 100;
const MAX_BYTES = 64 * 1024;
const WORD = '["\']?([\\w@%+./-]{1,500})["\']?';
const OPTIONS = '(?:-[\\w=./-]{1,100}[ \\t]+){0,5}';
/**
 * An interpreter, `source`, or an option of pip that reads a file; then options, then two words: the first can be the value of an
 * option. Or a file that is started by its path.
 */
const START = new RegExp(
  '(?:^|[\\s;&|("\'`=[,])(?:node|nodejs|python[\\d.]*|php|ruby|perl|bash|sh|zsh|deno run|bun run|bun|tsx|ts-node|source|\\.|' +
    `-r|-c|--requirement|--constraint)[ \\t=]+${OPTIONS}${WORD}(?:[ \\t]+${OPTIONS}${WORD})?|` +
    '(?:^|[\\s;&|("\'`])(\\./[\\w@%+./-]{1,500})',
  'gm',
);

/**
 * Returns which of the changed files are started or installed from by commands of CI, hooks, manifests and build files of the
 * base commit, with the file that does. Test files are left out: the gate compares them.
 */
export async function startedFiles(
  mirrors: GitMirrors,
  repositoryId: string,
  { before, changed }: { before: TreeEntry[]; changed: string[] },
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const candidates = new Set(changed.filter((path) => !isTestFile(path)));
  if (candidates.size === 0) return found;
  const starters = before
    .filter(({ path, mode, bytes }) => mode.startsWith('100') && bytes <= MAX_BYTES && startsOtherFiles(path))
    .slice(0, MAX_FILES);
  const contents = await mirrors.blobs(repositoryId, [...new Set(starters.map(({ blob }) => blob))], MAX_BYTES);
  for (const { path, blob } of starters)
    for (const word of startedIn(commandsOf(path, contents.get(blob)?.toString() ?? '')))
      for (const file of [posix.normalize(word), posix.join(posix.dirname(path), word)])
        if (candidates.has(file) && !found.has(file)) found.set(file, path);
  return found;
}

function startedIn(text: string): string[] {
  return [...text.matchAll(START)].flatMap(([, ...words]) => words.filter((word) => word !== undefined));
}

/** Of a manifest in JSON, only the scripts are commands. */
function commandsOf(path: string, text: string): string {
  if (!path.endsWith('.json')) return text;
  try {
    const { scripts = {} } = JSON.parse(text) as { scripts?: Record<string, unknown> };
    return Object.values(scripts).flat().join('\n');
  } catch {
    return '';
  }
}
