import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FsTree } from 'nx/src/generators/tree';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it, onTestFinished } from 'vitest';
import resourceGenerator from './resource/generator.mjs';
import { copyOfWorkspace, root, runIn } from '../workspace.fixture';
import { MARIADB } from '../test-run/leftovers.mjs';

const NX = { NX_DAEMON: 'false', NX_TUI: 'false', NX_ISOLATE_PLUGINS: 'false' };
const TIMEOUT_MS = 300_000;

const treeOfWorkspace = () => new FsTree(root, false);

describe('the generator of resources', () => {
  it.each([
    ['budget', 'libs/domain/src/budget'],
    ['setting', 'apps/api/src/resources/settings'],
    ['agent-profile', 'apps/api/src/resources/agent-profiles'],
    ['page', 'is reserved'],
    ['sign-in-link', 'libs/domain/src/index.ts'],
    ['problem', 'apps/api/src/http/problem.dto.ts'],
    ['queue-position', 'apps/web/src/providers/http.ts'],
  ])('refuses the noun %s because of %s', async (noun, reason) => {
    const tree = treeOfWorkspace();
    await expect(resourceGenerator(tree, { noun })).rejects.toThrow(reason);
    expect(tree.listChanges()).toEqual([]);
  });

  it.each(['libs/identity/src/protected-rows.service.ts', 'apps/api/src/api.module.ts', 'apps/web/src/App.tsx'])(
    'names %s if it does not look as expected',
    async (path) => {
      const tree = treeOfWorkspace();
      tree.write(path, "import { a } from './a';\n");
      await expect(resourceGenerator(tree, { noun: 'widget' })).rejects.toThrow(`${path}: `);
    },
  );
});

/** Null if MariaDB answers, else why the test is skipped. In CI a missing server is a failure. */
async function missingMariadb(): Promise<string | null> {
  try {
    await (await createConnection(MARIADB)).end();
    return null;
  } catch (error) {
    if (process.env.CI) throw error;
    return `skipped: no MariaDB answers at ${MARIADB}`;
  }
}

interface Report {
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}

const missing = await missingMariadb();

describe.skipIf(missing)(`generated resources${missing ? ` (${missing})` : ''}`, () => {
  it(
    'pass format, types, lint and their tests without a change by hand',
    async () => {
      const copy = copyOfWorkspace();
      onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
      const generate = async (...args: string[]) => {
        const text = await runIn(copy, 'node_modules/nx/dist/bin/nx.js', ['generate', 'teko:resource', ...args], NX);
        return [...text.matchAll(/^(?:CREATE|UPDATE) (\S+)$/gm)].map(([, file]) => file!);
      };
      const fields = '--fields=name:string,body:text,limit:int,isOpen:boolean';
      const files = [
        ...(await generate('release-milestone', fields, '--repositoryScoped')),
        ...(await generate('status-vertex', '--plural=status-vertices')),
      ];
      const migration = await runIn(copy, 'tools/migration-generate.mjs', ['new-nouns']);
      expect(migration).toContain('-new-nouns.ts');
      expect(await runIn(copy, 'tools/generate.mjs', [])).toContain('Wrote apps/api/access-table.json');

      await checkTypes(copy);
      const changed = [...new Set([...files, 'libs/adapters/persistence/src/migrations'])];
      await runIn(copy, 'node_modules/prettier/bin/prettier.cjs', ['--check', ...changed]);
      await runIn(copy, 'node_modules/eslint/bin/eslint.js', ['--max-warnings', '0', ...changed], NX);
      await expectTests(copy);
    },
    TIMEOUT_MS,
  );
});

/** All servers, libraries and tools at once, then the panel. */
async function checkTypes(copy: string): Promise<void> {
  const project = {
    extends: './tsconfig.server.json',
    compilerOptions: { composite: false, noEmit: true, emitDeclarationOnly: false },
    include: ['apps/*/src/**/*.ts', 'libs/**/src/**/*.ts', 'tools/**/*.ts'],
    exclude: ['apps/web', 'node_modules'],
  };
  writeFileSync(join(copy, 'tsconfig.all.json'), JSON.stringify(project));
  const panel = {
    ...project,
    extends: './apps/web/tsconfig.json',
    include: ['apps/web/src'],
    exclude: [],
    references: [],
  };
  writeFileSync(join(copy, 'tsconfig.panel.json'), JSON.stringify(panel));
  for (const file of ['tsconfig.all.json', 'tsconfig.panel.json'])
    await runIn(copy, 'node_modules/ts7/bin/tsc', ['-p', file]);
}

/** Contracts on every implementation, the endpoints, and whether the migration leads to the tables. */
async function expectTests(copy: string): Promise<void> {
  const report = join(copy, 'report.json');
  await runIn(copy, 'node_modules/vitest/vitest.mjs', [
    ...['run', '--project', 'unit', '--project', 'int', '--reporter=json', `--outputFile=${report}`],
    ...[
      '--testNamePattern',
      'ReleaseMilestoneRepository|StatusVertexRepository|drift|release milestones|status vertices',
    ],
    'apps/api/src/resources/release-milestones',
    'apps/api/src/resources/status-vertices',
    'libs/testing/src/repositories/in-memory.spec.ts',
    'libs/adapters/persistence/src/database.int-spec.ts',
  ]);
  const { testResults }: Report = JSON.parse(readFileSync(report, 'utf8'));
  const passed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed')
    .map(({ fullName }) => fullName);
  for (const port of ['ReleaseMilestoneRepository', 'StatusVertexRepository'])
    for (const place of ['in memory', 'SQLite', 'MariaDB']) expect(passed.join('\n')).toContain(`${port} (${place}) `);
  const count = (title: string) => passed.filter((name) => name.includes(title)).length;
  expect(count('drift')).toBe(2);
  expect(count('status vertices are closed to')).toBe(4);
  expect(count('release milestones can be read and changed only in the repositories that a grant names')).toBe(1);
}
