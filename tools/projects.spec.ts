import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { subset } from 'semver';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

interface Package {
  version?: string;
  link?: boolean;
  resolved?: string;
  optional?: boolean;
  engines?: { node?: string };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}
const packages: [string, Package][] = Object.entries(json('package-lock.json').packages);
/** Folder of each workspace package by name. */
const projects = new Map(
  packages.flatMap(([path, { link, resolved }]) =>
    link ? [[path.replace('node_modules/', ''), resolved!] as const] : [],
  ),
);
/** Imported only by build configurations, which tools/tsconfig.json checks. */
const NOT_REFERENCED = ['@teko/server-build'];

it.each([...projects])('%s has the standard targets', (_name, folder) => {
  const { nx } = json(`${folder}/package.json`);
  const builds = existsSync(join(root, folder, 'vite.config.ts')) ? ['build'] : [];
  expect(Object.keys(nx.targets).sort()).toEqual([...builds, 'lint', 'test', 'typecheck']);
});

it.each([...projects])('%s references the projects that it depends on', (_name, folder) => {
  const { dependencies, devDependencies } = json(`${folder}/package.json`);
  const needed = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => projects.has(name));
  const { references = [] } = json(`${folder}/tsconfig.json`);
  const expected = needed.map((name) => relative(folder, projects.get(name)!));
  const optional = NOT_REFERENCED.map((name) => relative(folder, projects.get(name)!));
  const paths = references.map(({ path }: { path: string }) => path);
  expect(paths.filter((path: string) => !optional.includes(path)).sort()).toEqual(
    expected.filter((path) => !optional.includes(path)).sort(),
  );
});

it('all packages use the same version of a shared dependency, with one copy', () => {
  const asked = new Map<string, Set<string>>();
  for (const folder of ['', ...projects.values()]) {
    const { dependencies, devDependencies } = json(join(folder, 'package.json'));
    for (const [name, version] of Object.entries<string>({ ...dependencies, ...devDependencies }))
      asked.set(name, (asked.get(name) ?? new Set()).add(version));
  }
  expect([...asked].filter(([, versions]) => versions.size > 1)).toEqual([]);
  const inProjects = packages.filter(([path]) =>
    [...projects.values()].some((folder) => path.startsWith(`${folder}/node_modules/`)),
  );
  expect(inProjects.map(([path]) => path)).toEqual([]);
});

it('every package supports all versions of Node that Teko supports, so that installing warns of none', () => {
  const supported = json('package.json').engines.node;
  // An optional package that does not support the running version is skipped without a warning.
  const narrower = packages.filter(
    ([, { engines, optional }]) => !optional && engines?.node && !subset(supported, engines.node),
  );
  expect(narrower.map(([path, { version, engines }]) => `${path}@${version}: ${engines!.node}`)).toEqual([]);
});
