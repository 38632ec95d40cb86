import 'reflect-metadata';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess, printLine } from '@teko/platform';
import { startApi } from './start';

const here = dirname(fileURLToPath(import.meta.url));

await runProcess(async (settings) => {
  const api = await startApi(settings, { web: join(here, '../../web/dist') });
  printLine(`\n  The Teko API is running at ${api.url}`);
  printLine(`  Sign in as admin (this link works once): ${api.signInUrl}\n`);
  return api;
});
