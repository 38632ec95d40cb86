/* The Nx project graph for ESLint. Without one the rules of Nx accept everything, so lint must fail. */
import { createProjectGraphAsync, readCachedProjectGraph } from '@nx/devkit';

/** Computes and caches the graph. In an Nx task, uses the graph that Nx has just computed. Throws if there is none. */
export async function requireProjectGraph() {
  try {
    if (process.env.NX_TASK_TARGET_PROJECT) readCachedProjectGraph();
    else await createProjectGraphAsync({ exitOnError: false });
  } catch (error) {
    throw new Error(`Lint needs the Nx project graph, which is not available: ${error.message}`, { cause: error });
  }
}
