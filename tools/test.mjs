/*
 * `npm test`: runs all checks and tests, from a fresh clone.
 * --quick skips tests that need services, builds or a browser. --full runs every case of the exhaustive tests. --shuffle[=seed] runs
 * tests and files in random order.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build, installPackages, nx, output, root, run } from './steps.mjs';
import { beginRun } from './test-run/test-run.mjs';

const SLOWEST = 15;
/** Tests that are skipped for these reasons do not fail CI: their data is optional, and a container engine seldom runs in a container. */
const OPTIONAL = ['TEKO_TEST_DATA is not set', 'the Docker engine does not respond'];

const options = parsedOptions();
const shuffleSeed = options.shuffle === undefined ? null : options.shuffle || String(Date.now() % 1_000_000);
const testRun = startRun();
process.env.TEKO_TEST_OFFSET ||= String(sampleOffset());
if (options.full) process.env.TEKO_TEST_FULL = 'yes';
const rows = [];
const files = [];
const sum = { passed: 0, failed: 0, skipped: 0 };
let missing = 0;

function parsedOptions() {
  try {
    const { values } = parseArgs({
      args: process.argv.slice(2).map((arg) => (arg === '--shuffle' ? '--shuffle=' : arg)),
      options: {
        quick: { type: 'boolean', default: false },
        full: { type: 'boolean', default: false },
        shuffle: { type: 'string' },
      },
    });
    if (!/^\d*$/.test(values.shuffle ?? ''))
      throw new Error(`--shuffle=${values.shuffle}: the seed must be an integer`);
    return values;
  } catch (error) {
    return fail(error.message);
  }
}

function startRun() {
  try {
    return beginRun();
  } catch (error) {
    return fail(`TMPDIR: cannot create a folder (${error.message})`);
  }
}

function fail(line) {
  console.error(line);
  process.exit(1);
}

/** Start of this commit's sample of the exhaustive tests. */
function sampleOffset() {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=6', 'HEAD'], { cwd: root });
  return status === 0 ? parseInt(String(stdout).trim(), 16) : 0;
}

async function part(title, work) {
  console.log(`\n== ${title}`);
  const start = Date.now();
  const counts = await work();
  for (const key of Object.keys(sum)) sum[key] += counts[key] ?? 0;
  rows.push({ part: title, ...counts, seconds: Math.round((Date.now() - start) / 1000) });
}

const counted = (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });

/** Runs a checker. Prints its output only if it fails, so that several can run in parallel. */
function tool(title, work) {
  return part(title, async () => {
    const { code, text } = await work();
    if (code !== 0) console.log(`\n-- ${title}\n${text}`);
    return counted(code);
  });
}

/** Runs the tests of a project of vitest.config.ts. */
function tests(title, project) {
  return part(title, async () => {
    const file = join(testRun.folder, `${project}.json`);
    const order = shuffleSeed === null ? [] : ['--sequence.shuffle', `--sequence.seed=${shuffleSeed}`];
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', project];
    const code = await run(process.execPath, [...vitest, ...order, ...reporters]);
    try {
      return summary(JSON.parse(readFileSync(file, 'utf8')), code);
    } catch (error) {
      console.error(`There is no report of ${title}: ${error.message}`);
      return counted(1);
    }
  });
}

function summary(report, code) {
  for (const { name, startTime, endTime } of report.testResults)
    files.push({ file: relative(root, name), seconds: Math.round((endTime - startTime) / 100) / 10 });
  const skipped = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'skipped' || status === 'pending')
      .map(({ ancestorTitles, title }) => [relative(root, name), ...ancestorTitles, title].join(' > ')),
  );
  for (const title of skipped) console.log(`skipped: ${title}`);
  missing += skipped.filter((title) => !OPTIONAL.some((reason) => title.includes(reason))).length + report.numTodoTests;
  const failed =
    report.numFailedTests +
    report.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length;
  return {
    passed: report.numPassedTests,
    failed: Math.max(failed, code === 0 ? 0 : 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

async function buildAll() {
  try {
    await build(['web', 'standalone', 'api', 'worker']);
    return counted(0);
  } catch (error) {
    console.error(error.message);
    return counted(1);
  }
}

await installPackages();
if (shuffleSeed !== null) console.log(`Tests are shuffled. Repeat this order with --shuffle=${shuffleSeed}`);
const prettier = 'node_modules/prettier/bin/prettier.cjs';
await Promise.all([
  tests('unit tests', 'unit'),
  tool('format', () => output(prettier, ['--check', '--log-level=warn', '.'])).then(() =>
    tool('lint and types', () => nx('run-many', '-t', 'lint', 'typecheck')),
  ),
]);
if (!options.quick) {
  await part('build', buildAll);
  await tests('integration tests', 'int');
  await tests('end-to-end tests', 'e2e');
  await tests('end-to-end tests, one at a time', 'e2e-alone');
}
if (!(await testRun.end())) sum.failed++;
console.log('');
console.table(rows);
console.log(`Slowest ${SLOWEST} files:`);
console.table(files.sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST));
if (sum.skipped > 0)
  console.log(
    process.env.CI && missing > 0
      ? 'In CI, skipped tests count as failures.'
      : 'The list of skipped tests above names what they need.',
  );
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exit(sum.failed > 0 || (process.env.CI && missing > 0) ? 1 : 0);
