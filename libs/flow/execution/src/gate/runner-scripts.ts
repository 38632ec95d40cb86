import { filesNamedIn, scriptsNamedIn } from '@teko/domain';
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
  const scripts = new Set<string>();
  let latest = texts;
  for (let depth = 0; depth < MAX_DEPTH && latest.length > 0; depth++) {
    const added = scriptsNamedIn(latest, paths).filter((path) => !scripts.has(path));
    added.forEach((path) => scripts.add(path));
    latest = await textsOf(files, added);
  }
  return [...scripts];
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
    return JSON.stringify((JSON.parse(text) as { scripts?: unknown }).scripts ?? '');
  } catch {
    return '';
  }
}
