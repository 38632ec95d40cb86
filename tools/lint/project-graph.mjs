/* The project graph of Nx for ESLint. Without one the rules of Nx pass everything; so there is one, or lint fails. */
import { createProjectGraphAsync, readCachedProjectGraph } from '@nx/devkit';

/** Has a fresh graph computed and cached. A task of Nx takes the one that Nx has just computed. Throws if there is none. */
export async function requireProjectGraph() {
  try {
    if (process.env.NX_TASK_TARGET_PROJECT) readCachedProjectGraph();
    else await createProjectGraphAsync({ exitOnError: false });
  } catch (error) {
    throw new Error(`Lint needs the project graph, and Nx has none: ${error.message}`, { cause: error });
  }
}
