import { LANGUAGES, type GateCommands, type Language, type Toolchain } from '@teko/domain';

const MAX_DEPTH = 3;

/** Text of the files that say how a project is built, by path. */
export type Manifests = Map<string, string>;

/** The files whose text `detectToolchains` reads. */
export function isManifest(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return path.split('/').length <= MAX_DEPTH + 1 && MANIFEST_NAMES.has(name);
}

const MANIFEST_NAMES = new Set(
  LANGUAGES.flatMap((language) => [
    ...language.manifests,
    ...language.packageManagers.flatMap(({ markers }) => markers),
    ...[...language.testRunners, ...language.lint].flatMap(({ markers }) =>
      markers.map(({ file }) => file.slice(file.lastIndexOf('/') + 1)),
    ),
  ]),
);

/** Finds the toolchains of a codebase: one for each language and folder that has a manifest, the top first. */
export function detectToolchains(paths: string[], manifests: Manifests): Toolchain[] {
  return LANGUAGES.flatMap((language) =>
    rootsOf(language, paths).map((root) => toolchainAt(language, root, paths, manifests)),
  );
}

/** Names of known frameworks that the manifests depend on. */
export function detectFrameworks(manifests: Manifests): string[] {
  const names = new Set<string>();
  for (const language of LANGUAGES) {
    for (const [path, text] of manifests) {
      if (!language.manifests.includes(path.slice(path.lastIndexOf('/') + 1))) continue;
      for (const [dependency, framework] of Object.entries(language.frameworks))
        if (mentions(text, dependency)) names.add(framework);
    }
  }
  return [...names].sort();
}

/** A dependency named in JSON ("name":), TOML or a requirements line, not as part of another word. */
function mentions(text: string, dependency: string): boolean {
  const name = dependency.replace(/[^\w]/g, '\\$&');
  return new RegExp(`(^|["'\\s])${name}(["'\\s=<>~!\\[;]|$)`, 'im').test(text);
}

function rootsOf(language: Language, paths: string[]): string[] {
  const found = paths.filter(
    (path) => path.split('/').length <= MAX_DEPTH && language.manifests.includes(path.slice(path.lastIndexOf('/') + 1)),
  );
  const roots = [...new Set(found.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))))].filter(
    (root) => !/(^|\/)(tests?|fixtures|examples?|node_modules|vendor)(\/|$)/.test(root),
  );
  if (roots.length > 0) return roots.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return paths.some((path) => language.testFiles.some((pattern) => pattern.test(path))) ? [''] : [];
}

function toolchainAt(language: Language, root: string, paths: string[], manifests: Manifests): Toolchain {
  const at = (file: string) => (root ? `${root}/${file}` : file);
  const has = ({ file, contains }: { file: string; contains?: string }) =>
    contains === undefined ? paths.includes(at(file)) : (manifests.get(at(file)) ?? '').includes(contains);
  const manager = language.packageManagers.find(({ markers }) => markers.some((file) => has({ file })));
  const runner =
    language.testRunners.find(({ markers }) => markers.some(has)) ??
    language.testRunners.find(({ markers }) => markers.length === 0);
  const lint = language.lint.find(({ markers }) => markers.some(has));
  const scripts = scriptsOf(manifests.get(at('package.json')));
  const here = (command: string | null | undefined) =>
    command ? (root ? `cd '${root}' && ${command}` : command) : null;
  const test =
    runner && hasTests(language, root, paths, scripts) ? testCommand(runner.id, runner.command, scripts) : null;
  const commands: GateCommands = {
    setup: needsSetup(manifests.get(at('package.json'))) ? here(manager?.setup) : null,
    test: here(test),
    lint: here(lint?.command),
    build: here(scripts.build ? 'npm run build' : null),
  };
  return {
    language: language.id,
    root,
    packageManager: manager?.id ?? null,
    testRunner: test ? (runner?.id ?? null) : null,
    commands,
  };
}

/** A package without dependencies has nothing to install; other languages say so only by running their manager. */
function needsSetup(packageJson: string | undefined): boolean {
  if (packageJson === undefined) return true;
  const { dependencies, devDependencies } = parseJson(packageJson) as {
    dependencies?: object;
    devDependencies?: object;
  };
  return Object.keys({ ...dependencies, ...devDependencies }).length > 0;
}

/** For Node's own runner the script is kept as the project wrote it, with its arguments. */
function testCommand(runnerId: string, command: string, scripts: Record<string, string>): string {
  return runnerId === 'node' && /^node\b[^;&|]*--test\b[^;&|]*$/.test(scripts.test ?? '') ? scripts.test! : command;
}

function hasTests(language: Language, root: string, paths: string[], scripts: Record<string, string>): boolean {
  if (scripts.test && !scripts.test.includes('no test specified')) return true;
  return paths.some((path) => path.startsWith(root) && language.testFiles.some((pattern) => pattern.test(path)));
}

function scriptsOf(packageJson: string | undefined): Record<string, string> {
  const { scripts } = parseJson(packageJson ?? '{}') as { scripts?: unknown };
  const entries = typeof scripts === 'object' && scripts !== null ? Object.entries(scripts) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** A manifest that is no JSON says nothing; its own toolchain will complain. */
function parseJson(text: string): unknown {
  try {
    return (JSON.parse(text) as unknown) ?? {};
  } catch {
    return {};
  }
}
