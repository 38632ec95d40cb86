/* Runs before and after the tests of `vitest run`: gives them a folder of their own and fails when they leave a process or database. */
import { databasesOf, processesOf } from './leftovers.mjs';
import { beginRun } from './test-run.mjs';

export default function setup() {
  const run = beginRun();
  return async () => {
    const processes = processesOf(run.folder).filter(({ command }) => !isOfTestRun(command));
    const databases = await databasesOf(run.folder);
    await run.end();
    if (processes.length + databases.length === 0) return;
    for (const { pid, command } of processes) console.error(`left behind: process ${pid}: ${command.slice(0, 300)}`);
    for (const name of databases) console.error(`left behind: database ${name}`);
    // Vitest prints an error thrown here, and passes all the same.
    process.exitCode = 1;
  };
}

/** The watchdog, and Vitest's own workers, which it ends after this. */
function isOfTestRun(command) {
  return /tools\/test-run\/watchdog\.mjs|node_modules\/vitest\//.test(command);
}
