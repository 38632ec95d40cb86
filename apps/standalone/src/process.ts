import 'reflect-metadata';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GithubConnection, githubSettings } from '@teko/github';
import { runProcess, printLine } from '@teko/platform';
import { createSandbox } from '@teko/sandbox';
import { doctor } from './doctor';
import { startTeko } from './start';
import { verifyAudit } from './verify-audit';

const here = dirname(fileURLToPath(import.meta.url));

await runProcess(async (settings) => {
  if (process.argv[2] === 'verify-audit') process.exit(await verifyAudit(settings, printLine));
  if (process.argv[2] === 'doctor')
    process.exit(
      await doctor(
        new GithubConnection(githubSettings(settings)),
        await createSandbox({ kind: settings.TEKO_SANDBOX, image: settings.TEKO_SANDBOX_IMAGE }),
        printLine,
      ),
    );
  const teko = await startTeko(settings, { web: join(here, '../../web/dist'), demo: join(here, '../demo') });
  printLine(`\n  Teko is running at ${teko.url}`);
  printLine(`  Sign in as admin (this link works once): ${teko.signInUrl}\n`);
  return teko;
});
