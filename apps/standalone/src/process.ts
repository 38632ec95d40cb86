import 'reflect-metadata';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GithubConnection, githubSettings } from '@teko/github';
import { runProcess, printLine, type TekoSettings } from '@teko/platform';
import { createSandbox } from '@teko/sandbox';
import { languageModels } from '@teko/worker';
import { agentProfiles } from './agent-profiles';
import type descriptions from './commands.json';
import { doctor } from './doctor';
import { startTeko } from './start';
import { verifyAudit } from './verify-audit';

const here = dirname(fileURLToPath(import.meta.url));

/** The commands of `npm start`, which return their exit code. */
const COMMANDS: Record<keyof typeof descriptions, (settings: TekoSettings) => Promise<number>> = {
  doctor: async (settings) =>
    doctor(
      {
        connection: new GithubConnection(githubSettings(settings)),
        sandbox: await createSandbox({ kind: settings.TEKO_SANDBOX, image: settings.TEKO_SANDBOX_IMAGE }),
        models: languageModels(settings, null),
        agents: agentProfiles(settings),
      },
      printLine,
    ),
  'verify-audit': (settings) => verifyAudit(settings, printLine),
};

await runProcess(async (settings) => {
  const [name] = process.argv.slice(2);
  if (name !== undefined) process.exit(await runCommand(name, settings));
  const teko = await startTeko(settings, { web: join(here, '../../web/dist'), demo: join(here, '../demo') });
  printLine(`\n  Teko is running at ${teko.url}`);
  printLine(`  Sign in as admin (this link works once): ${teko.signInUrl}\n`);
  return teko;
});

async function runCommand(name: string, settings: TekoSettings): Promise<number> {
  const command = new Map(Object.entries(COMMANDS)).get(name);
  if (!command) throw new Error(`${name}: there is no such command; use ${Object.keys(COMMANDS).join(' or ')}`);
  return command(settings);
}
