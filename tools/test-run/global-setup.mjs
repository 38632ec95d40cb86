/* Global setup of Vitest: gives the test run its own folder, and fails it if it leaves a process or database behind. */
import { databasesOf, processesOf } from './leftovers.mjs';
import { beginRun } from './test-run.mjs';

export default function setup({ tmpDir }) {
  // Vitest created its temporary folder before the run had its own.
  const run = beginRun({ folders: [tmpDir] });
  return async () => {
    const processes = processesOf(run.folder).filter(({ command }) => !isOfTestRun(command));
    const databases = await databasesOf(run.folder);
    // Vitest would print an error thrown here but still pass.
    if (processes.length + databases.length > 0) process.exitCode = 1;
    if (!(await run.end())) process.exitCode = 1;
    for (const { pid, command } of processes) console.error(`left behind: process ${pid}: ${command.slice(0, 300)}`);
    for (const name of databases) console.error(`left behind: database ${name}`);
  };
}

/** The watchdog, and Vitest's workers, which end later. */
function isOfTestRun(command) {
  return /tools\/test-run\/watchdog\.mjs|node_modules\/vitest\//.test(command);
}
