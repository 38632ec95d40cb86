/* Runs the project's TypeScript as it is, for tools that are no build. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer, createServerModuleRunner } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Imports a module and hands it on; nothing is served, and nothing stays open afterwards. */
export async function withModule(file, use) {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'warn',
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
  try {
    await use(await runner.import(file));
  } finally {
    await runner.close();
    await server.close();
  }
}
