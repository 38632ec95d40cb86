import { posix } from 'node:path';
import { filesNamedIn, isRunnerFile, scriptsNamedIn } from '@teko/domain';
import type { CommitFiles } from './commit-files';
import type { TestPlan } from './test-plan';

const BUILD_FILES = /(^|\/)(package\.json|composer\.json|(gnu)?makefile|\.?justfile|taskfile\.ya?ml|tox\.ini)$/i;
const MAX_DEPTH = 3;

/** Returns the scripts of a commit that the commands of the plan run, directly or through a build file or another script. */
export async function runnerScripts(files: CommitFiles, plan: TestPlan): Promise<string[]> {
  const paths = new Set((await files.entries()).keys());
  const isNear = (path: string) => path.split('/').length <= 3;
  const buildFiles = [...paths].filter(
    (path) => BUILD_FILES.test(path) && isNear(path) && !path.includes('node_modules/'),
  );
  const texts = [plan.test ?? '', plan.setup ?? '', ...(await textsOf(files, buildFiles.slice(0, 20))).map(scriptsOf)];
  const scripts = new Set<string>(await configuredFiles(files, plan));
  let latest = texts;
  for (let depth = 0; depth < MAX_DEPTH && latest.length > 0; depth++) {
    const added = scriptsNamedIn(latest, paths).filter((path) => !scripts.has(path));
    added.forEach((path) => scripts.add(path));
    latest = await textsOf(files, added);
  }
  return [...scripts];
}

/** Settings of runners whose values are files that the runner loads. */
const LOADED =
  /\b(require|imports?|loader|setupFiles\w*|globalSetup|globalTeardown|bootstrap|pytest_plugins|resolver|testEnvironment|environment|testRunner|runner|reporters?|preset|transform|testSequencer|testResultsProcessor|snapshotSerializers|snapshotResolver|extends)["']?\s*[:=]\s*(\[[^\]]*\]|\{[^}]*\}|\([^)]*\)|"[^"]*"|'[^']*'|[\w@./-]+)/g;
const LOADING_OPTION =
  /(?:^|\s)(?:-[rp]|--(?:require|import|loader|experimental-loader|bootstrap|file))[ =]+["']?([\w@./-]+)/g;
/** Configuration that is code; what it imports is configuration too, unless it is in a folder of source code. */
const CODE_SETTINGS = /\.(config|workspace|projects|preset)(\.[^/]+)?\.[cm]?[jt]s$|(^|\/)\.[^/]+rc\.[cm]?js$/i;
const IMPORT = /\b(?:from|import|require)\s*\(?\s*["'](\.{1,2}\/(?!(?:\.\.\/)*(?:src|lib|app)\/)[\w@./-]+)["']/g;
const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.py', '.php', '/index.js', '/index.ts', '/__init__.py'];

/** Returns the files of a commit that the settings of the runner or the test command make it load. */
async function configuredFiles(files: CommitFiles, plan: TestPlan): Promise<string[]> {
  const paths = new Set((await files.entries()).keys());
  const settings = [...paths].filter((path) => isRunnerFile(path) && !path.includes('node_modules/')).slice(0, 50);
  const texts = [...(await files.read(settings))].map(([path, content]) => ({
    path,
    folder: posix.dirname(path),
    text: content.subarray(0, 64 * 1024).toString(),
  }));
  const named = texts.flatMap(({ path, folder, text }) => [
    ...[...text.matchAll(LOADED)].flatMap(([, , value]) => pathsIn(value!).map((word) => [folder, word] as const)),
    ...[...text.matchAll(LOADING_OPTION)].map(([, word]) => [folder, word!] as const),
    ...(CODE_SETTINGS.test(path) ? [...text.matchAll(IMPORT)] : []).map(([, word]) => [folder, word!] as const),
  ]);
  const inCommand = [...(plan.test ?? '').matchAll(LOADING_OPTION)].map(([, word]) => ['.', word!] as const);
  const candidates = [...named, ...inCommand].flatMap(([folder, word]) =>
    [word, posix.join(folder, word), word.replaceAll('.', '/')].flatMap((name) =>
      EXTENSIONS.map((extension) => posix.normalize(name + extension)),
    ),
  );
  return [...new Set(candidates)].filter((path) => paths.has(path));
}

/** Returns the words of a value that can be paths; in an object, whose keys can be patterns, those with a slash. */
function pathsIn(value: string): string[] {
  const words = (value.match(/[\w@./-]+/g) ?? []).filter((word) => /\w/.test(word));
  return value.startsWith('{') ? words.filter((word) => word.includes('/')) : words;
}

/** Returns the files that the test command starts itself. */
export async function startedFiles(files: CommitFiles, { test }: TestPlan): Promise<string[]> {
  const starts = (test ?? '').match(
    /(^|[;&|(]\s*|\b(node|python[\d.]*|php|ruby|perl|bash|sh|deno run|bun|tsx|ts-node)\s+)[\w@%+./-]+/g,
  );
  return filesNamedIn(starts ?? [], new Set((await files.entries()).keys()));
}

async function textsOf(files: CommitFiles, paths: string[]): Promise<string[]> {
  return [...(await files.read(paths)).values()].map((content) => content.subarray(0, 64 * 1024).toString());
}

/** Of a manifest in JSON, only the scripts are commands. */
function scriptsOf(text: string): string {
  if (!text.trimStart().startsWith('{')) return text;
  try {
    const { scripts } = JSON.parse(text) as { scripts?: Record<string, unknown> };
    return Object.values(scripts ?? {})
      .flat()
      .join('\n');
  } catch {
    return '';
  }
}
