import { LANGUAGES, type GateCommands, type Language, type Toolchain } from '@teko/domain';

const MAX_DEPTH = 3;

/** Content of the files that describe how a project is built, by path. */
export type Manifests = Map<string, string>;

/** Returns true for files whose content `detectToolchains` needs. */
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

/** Detects the toolchains of a codebase: one per language and folder with a manifest, the root first. */
export function detectToolchains(paths: string[], manifests: Manifests): Toolchain[] {
  return LANGUAGES.flatMap((language) =>
    rootsOf(language, paths).map((root) => toolchainAt(language, root, paths, manifests)),
  );
}

/** Returns the names of known frameworks among the dependencies in the manifests. */
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

/** Returns true if the dependency is named in JSON ("name":), TOML or a requirements line, and not as part of another word. */
function mentions(text: string, dependency: string): boolean {
  const name = dependency.replace(/[^\w]/g, '\\$&');
  return new RegExp(`(^|["'\\s])${name}(["'\\s=<>~!\\[;]|$)`, 'im').test(text);
}

function rootsOf(language: Language, paths: string[]): string[] {
  const manifestPaths = paths.filter(
    (path) => path.split('/').length <= MAX_DEPTH && language.manifests.includes(path.slice(path.lastIndexOf('/') + 1)),
  );
  const roots = [...new Set(manifestPaths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))))].filter(
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
  const inRoot = (command: string | null | undefined) =>
    command ? (root ? `cd '${root}' && ${command}` : command) : null;
  const test =
    runner && hasTests(language, root, paths, scripts) ? testCommand(runner.id, runner.command, scripts) : null;
  const commands: GateCommands = {
    setup: needsSetup(manifests.get(at('package.json'))) ? inRoot(manager?.setup) : null,
    test: inRoot(test),
    lint: inRoot(lint?.command),
    build: inRoot(scripts.build ? 'npm run build' : null),
  };
  return {
    language: language.id,
    root,
    packageManager: manager?.id ?? null,
    testRunner: test ? (runner?.id ?? null) : null,
    commands,
  };
}

/** A package without dependencies needs no setup. For other languages, only their package manager can tell. */
function needsSetup(packageJson: string | undefined): boolean {
  if (packageJson === undefined) return true;
  const { dependencies, devDependencies } = parseJson(packageJson) as {
    dependencies?: object;
    devDependencies?: object;
  };
  return Object.keys({ ...dependencies, ...devDependencies }).length > 0;
}

/** Keeps the project's script with its arguments for Node's own test runner. */
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

/** Returns an empty object for invalid JSON; the toolchain of the project reports it. */
function parseJson(text: string): unknown {
  try {
    return (JSON.parse(text) as unknown) ?? {};
  } catch {
    return {};
  }
}
