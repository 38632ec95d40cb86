/* `npm test`: everything, from a fresh clone. `--quick` leaves out what needs services, builds or a browser. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { buildAll, buildProcesses, installPackages, root, run } from './steps.mjs';

const quick = process.argv.includes('--quick');
const reports = mkdtempSync(join(tmpdir(), 'teko-test-'));
const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };
const rows = [];
const sum = { passed: 0, failed: 0, skipped: 0 };

async function part(title, work) {
  console.log(`\n== ${title}`);
  const start = Date.now();
  const counts = await work();
  for (const key of Object.keys(sum)) sum[key] += counts[key] ?? 0;
  rows.push({ part: title, ...counts, seconds: Math.round((Date.now() - start) / 1000) });
}

const tool =
  (path, ...args) =>
  async () => {
    const code = await run(process.execPath, [path, ...args], { env });
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  };

const tests = (project) => async () => {
  const file = join(reports, `${project}.json`);
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ];
  const code = await run(process.execPath, args, { env });
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const skipped = report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'skipped' || status === 'pending')
        .map(({ ancestorTitles }) => [relative(root, name), ...ancestorTitles].join(' > ')),
    );
    for (const title of new Set(skipped)) console.log(`skipped: ${title}`);
    const failed =
      report.numFailedTests +
      report.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length;
    return {
      passed: report.numPassedTests,
      failed: Math.max(failed, code === 0 ? 0 : 1),
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
};

await installPackages();
await part('format', tool('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'));
await part('lint', tool('node_modules/nx/dist/bin/nx.js', 'run', 'teko:lint'));
await part('types', tool('node_modules/nx/dist/bin/nx.js', 'run', 'teko:types'));
await part('unit tests', tests('unit'));
if (!quick) {
  await part('integration tests', tests('int'));
  await part('build', async () =>
    buildAll()
      .then(buildProcesses)
      .then(
        () => ({ passed: 1, failed: 0, skipped: 0 }),
        (error) => (console.error(error.message), { passed: 0, failed: 1, skipped: 0 }),
      ),
  );
  await part('stories', tests('e2e'));
}
console.log('');
console.table(rows);
if (sum.skipped > 0)
  console.log(process.env.CI ? 'Skipped tests count as a failure here.' : 'Skipped tests say above what they need.');
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exit(sum.failed > 0 || (process.env.CI && sum.skipped > 0) ? 1 : 0);
