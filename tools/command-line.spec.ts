import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { answerTo } from './command-line.mjs';

const USAGE = {
  script: 'npm start',
  purpose: 'Starts it.',
  commands: { doctor: 'Diagnoses', 'verify-audit': 'Checks' },
};

it.each<[string[], string | null]>([
  [[], null],
  [['doctor'], null],
  [['verify-audit'], null],
  [['typo'], 'typo'],
  [['Doctor'], 'Doctor'],
  [['toString'], 'toString'],
  [['doctor', '--fix'], '--fix'],
  [['doctor', 'verify-audit'], 'verify-audit'],
  [[''], ''],
  [['--port', '3000'], '--port'],
])('the arguments %j have the unknown one %j', (args, unknown) => {
  const text = expect.stringMatching(`^Unknown argument: ${unknown}\n\nUsage: npm start \\[-- COMMAND\\]\n`);
  expect(answerTo(args, USAGE)).toEqual(unknown === null ? null : { exitCode: 2, text });
});

it.each([
  ['start.mjs', ['typo'], 2, /Unknown argument: typo\n\nUsage: npm start .*\n {2}doctor .*\n {2}verify-audit /s],
  ['start.mjs', ['--help'], 0, /^Usage: npm start .*\n {2}doctor /s],
  ['start-api.mjs', ['doctor'], 2, /Unknown argument: doctor\n\nUsage: npm run start:api\n/],
  ['start-api.mjs', ['-h'], 0, /^Usage: npm run start:api\n/],
  ['start-worker.mjs', ['--concurrency=2'], 2, /Usage: npm run start:worker\n/],
  ['start-worker.mjs', ['help'], 0, /^Usage: npm run start:worker\n/],
])('%s %j exits with code %i without a start', (script, args, code, text) => {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const env = { PATH: process.env.PATH, TEKO_HOME: '/dev/null/unusable' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { encoding: 'utf8', env });
  expect([status, code === 0 ? stdout : stderr]).toEqual([code, expect.stringMatching(text)]);
  expect(code === 0 ? stderr : stdout).toBe('');
});
