import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processesWithArgument } from '@teko/testing';
import { expect, it, onTestFinished, vi } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const WAIT = { timeout: 120_000, interval: 100 };
const LINK = /http:\/\/localhost:\d+\/#\/login\?token=\S+/g;
const FILES = /^(package.*\.json|tsconfig\..*\.json)$/;
const GENERATED = /\/(node_modules|dist|out-tsc|out-dev)(\/|$)/;

/** Copies the sources to a new folder, with links to the installed packages. */
function copyOfSources(): string {
  const copy = mkdtempSync(join(tmpdir(), 'dev-'));
  for (const name of readdirSync(root).filter((name) => FILES.test(name))) cpSync(join(root, name), join(copy, name));
  for (const name of ['apps', 'libs', 'tools'])
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !GENERATED.test(path.slice(root.length)),
    });
  const packages = join(copy, 'node_modules');
  mkdirSync(join(packages, '@teko'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')).filter((name) => !/^(@teko|teko|\..*)$/.test(name)))
    symlinkSync(join(root, 'node_modules', name), join(packages, name));
  const lock = readFileSync(join(root, 'package-lock.json'));
  for (const [path, { link, resolved }] of Object.entries<{ link?: boolean; resolved: string }>(
    JSON.parse(String(lock)).packages,
  ))
    if (link) symlinkSync(join(copy, resolved), join(copy, path));
  writeFileSync(join(packages, '.teko-lock'), createHash('sha256').update(lock).digest('hex'));
  return copy;
}

it('npm run dev shows each change of panel and server, survives a build error, and ends with Ctrl-C', async () => {
  const copy = copyOfSources();
  const dev = spawn(process.execPath, [join(copy, 'tools/dev/dev.mjs'), '--port', '0'], {
    cwd: copy,
    env: {
      PATH: process.env.PATH,
      TMPDIR: tmpdir(),
      TEKO_HOME: join(copy, 'home'),
      PORT: '0',
      TEKO_DEMO: 'off',
      TEKO_EMBEDDINGS: 'off',
      TEKO_SANDBOX: 'unsafe-host',
      LOG_LEVEL: 'warn',
    },
  });
  onTestFinished(() => void dev.kill('SIGKILL'));
  let output = '';
  for (const stream of [dev.stdout, dev.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const waitForOutput = (text: string | RegExp) => vi.waitFor(() => expect(output).toMatch(text), WAIT);
  const save = (file: string, line: string) => {
    const path = join(copy, file);
    writeFileSync(
      path,
      `${line}\n${readFileSync(path, 'utf8')
        .split('\n')
        .slice(/planted/.test(line) ? 0 : 1)
        .join('\n')}`,
    );
  };

  await waitForOutput(LINK);
  const url = new URL(output.match(LINK)![0]).origin;
  const get = async (path: string) => {
    const response = await fetch(new URL(path, url));
    return { status: response.status, text: await response.text() };
  };
  expect(await get('/healthz')).toEqual({ status: 200, text: '{"status":"ok"}' });
  expect((await get('/api/v1/me')).status).toBe(401);
  expect((await get('/')).text).toContain('/@vite/client');

  save('apps/web/src/main.tsx', "console.info('planted in the panel');");
  await vi.waitFor(async () => expect((await get('/src/main.tsx')).text).toContain('planted in the panel'), WAIT);

  save('apps/standalone/src/main.ts', "process.stdout.write('planted in the server\\n');");
  await waitForOutput('planted in the server');
  await waitForOutput('The server has restarted.');

  save('apps/standalone/src/main.ts', 'const = broken;');
  await waitForOutput('The server cannot be built');
  expect(output).toMatch(/main\.ts/);
  expect((await get('/healthz')).status).toBe(200);
  save('apps/standalone/src/main.ts', "process.stdout.write('fixed\\n');");
  await waitForOutput('fixed');
  await vi.waitFor(() => expect(output.match(/The server has restarted\./g)).toHaveLength(2), WAIT);
  expect((await get('/healthz')).status).toBe(200);
  expect(output.match(LINK)).toHaveLength(1);

  // npm forwards a Ctrl-C that the terminal has already sent.
  dev.kill('SIGINT');
  dev.kill('SIGTERM');
  expect(await once(dev, 'exit')).toEqual([0, null]);
  expect(processesWithArgument(copy)).toEqual([]);
});
