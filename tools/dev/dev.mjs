/*
 * `npm run dev`: serves the panel with Vite's development server, and rebuilds and restarts the server (API and worker) when a source
 * changes. `npm run dev -- --port 5174` sets the port of the panel; PORT sets the port of the server.
 */
import { rmSync } from 'node:fs';
import { createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from '../prepare.mjs';
import { root } from '../steps.mjs';
import { ServerProcess } from './server-process.mjs';

const panelRoot = join(root, 'apps', 'web');
const serverRoot = join(root, 'apps', 'standalone');
/** Next to `dist`, so that the server finds the same folders. */
const OUT = 'out-dev';
/** On Ctrl-C, npm forwards the SIGINT that the terminal sends to the whole process group: both are one key press. */
const DUPLICATE_SIGNAL_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function panelPort() {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '5173' } } });
  if (!/^\d{1,5}$/.test(values.port)) throw new Error(`--port=${values.port}: must be a port number`);
  return Number(values.port);
}

/** Returns PORT, or a free port if it is 0. The port stays the same across restarts. */
async function serverPort() {
  const port = process.env.PORT || '3000';
  if (port !== '0') return port;
  const probe = createNetServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const free = probe.address().port;
  await new Promise((resolve) => probe.close(resolve));
  return String(free);
}

/** Hides proxy errors while the server restarts. */
function withoutRefusedConnections(logger) {
  const { error } = logger;
  const isRefusal = (message) => message.includes('proxy error') && message.includes('ECONNREFUSED');
  logger.error = (message, options) => (isRefusal(message) ? undefined : error(message, options));
  return logger;
}

async function servePanel(vite, port) {
  const panel = await vite.createServer({
    root: panelRoot,
    configFile: join(panelRoot, 'vite.config.ts'),
    customLogger: withoutRefusedConnections(vite.createLogger('warn', { allowClearScreen: false })),
    cacheDir: join(root, 'node_modules', '.vite', 'panel'),
    clearScreen: false,
    server: { port },
  });
  await panel.listen();
  return panel;
}

/** Calls `onBuilt` after each build. Prints the error of a failed build and waits for the next change. */
async function watchServer(vite, onBuilt) {
  const watcher = await vite.build({
    root: serverRoot,
    configFile: join(serverRoot, 'vite.config.ts'),
    logLevel: 'silent',
    build: { outDir: OUT, watch: {} },
  });
  let started = 0;
  let hasFailed = false;
  watcher.on('event', (event) => {
    if (event.code === 'START') [started, hasFailed] = [Date.now(), false];
    if (event.code === 'ERROR') {
      hasFailed = true;
      console.error(`\n${event.error.message}\n\nThe server cannot be built. The previous build keeps running.`);
    }
    // END follows an error too.
    if (event.code === 'END' && !hasFailed) onBuilt(((Date.now() - started) / 1000).toFixed(1));
    void event.result?.close();
  });
  return watcher;
}

async function main() {
  const port = panelPort();
  await prepare();
  const vite = await import('vite');
  process.env.PORT = await serverPort();
  process.env.TEKO_SERVER ??= `http://127.0.0.1:${process.env.PORT}`;
  const panel = await servePanel(vite, port);
  const url = `http://localhost:${panel.httpServer.address().port}`;
  process.env.TEKO_URL ??= url;

  let isFirstStart = true;
  const entry = join(serverRoot, OUT, 'main.js');
  const server = new ServerProcess(entry, process.env, (line) => {
    const token = /login\?token=(\S+)/.exec(line)?.[1];
    if (!token) return /^\s*(Teko is running at .*)?$/.test(line) ? undefined : console.log(line);
    console.log(
      isFirstStart
        ? `\n  Teko is running at ${url}\n  Sign in as admin (this link works once): ${url}/#/login?token=${token}\n`
        : 'The server has restarted.',
    );
    isFirstStart = false;
  });
  console.log('- Building the server ...');
  const watcher = await watchServer(vite, (seconds) => {
    console.log(`  built in ${seconds} s`);
    void server.restart();
  });

  let endingSince = null;
  const end = async () => {
    if (endingSince !== null && Date.now() - endingSince < DUPLICATE_SIGNAL_MS) return;
    if (endingSince !== null) {
      server.kill();
      process.exit(130);
    }
    endingSince = Date.now();
    await Promise.all([server.stop(), watcher.close(), panel.close()]);
    rmSync(join(serverRoot, OUT), { recursive: true, force: true });
    process.exit(0);
  };
  for (const signal of SIGNALS) {
    // Vite would end the process on SIGTERM when its own server is closed, with another exit code and before the rest has ended.
    process.removeAllListeners(signal);
    process.on(signal, () => void end());
  }
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
