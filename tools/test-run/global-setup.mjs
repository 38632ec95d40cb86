/* Runs before and after the tests of `vitest run`: gives them a folder of their own and fails when they leave a process or database. */
import { databasesOf, processesOf } from './leftovers.mjs';
import { beginRun } from './test-run.mjs';

export default function setup({ tmpDir }) {
  // Vitest chose its own temporary folder before this run had one.
  const run = beginRun({ folders: [tmpDir] });
  return async () => {
    const processes = processesOf(run.folder).filter(({ command }) => !isOfTestRun(command));
    const databases = await databasesOf(run.folder);
    // Vitest prints an error thrown here, and passes all the same.
    if (processes.length + databases.length > 0) process.exitCode = 1;
    if (!(await run.end())) process.exitCode = 1;
    for (const { pid, command } of processes) console.error(`left behind: process ${pid}: ${command.slice(0, 300)}`);
    for (const name of databases) console.error(`left behind: database ${name}`);
  };
}

/** The watchdog, and Vitest's own workers, which it ends after this. */
function isOfTestRun(command) {
  return /tools\/test-run\/watchdog\.mjs|node_modules\/vitest\//.test(command);
}
