/* Runs the project's TypeScript sources without a build. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer, createServerModuleRunner } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Imports a module and calls `use` with it. */
export function withModule(file, use) {
  return withModules([file], use);
}

/** Imports modules and calls `use` with them. Nothing is served, and nothing stays open afterwards. */
export async function withModules(files, use) {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'warn',
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
  try {
    const modules = [];
    for (const file of files) modules.push(await runner.import(file));
    await use(...modules);
  } finally {
    await runner.close();
    await server.close();
  }
}
