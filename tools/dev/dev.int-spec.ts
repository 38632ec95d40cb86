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
const MADE = /\/(node_modules|dist|out-tsc|out-dev)(\/|$)/;

/** The sources in a folder of their own, with the installed packages but the workspace's. */
function copyOfSources(): string {
  const copy = mkdtempSync(join(tmpdir(), 'dev-'));
  for (const name of readdirSync(root).filter((name) => FILES.test(name))) cpSync(join(root, name), join(copy, name));
  for (const name of ['apps', 'libs', 'tools'])
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !MADE.test(path.slice(root.length)),
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

it('development shows each change of panel and server, survives a broken one, and ends with Ctrl-C', async () => {
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
  const untilSaid = (text: string | RegExp) => vi.waitFor(() => expect(output).toMatch(text), WAIT);
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

  await untilSaid(LINK);
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
  await untilSaid('planted in the server');
  await untilSaid('The server runs again.');

  save('apps/standalone/src/main.ts', 'const = broken;');
  await untilSaid('The server cannot be built');
  expect(output).toMatch(/main\.ts/);
  expect((await get('/healthz')).status).toBe(200);
  save('apps/standalone/src/main.ts', "process.stdout.write('mended\\n');");
  await untilSaid('mended');
  await vi.waitFor(() => expect(output.match(/The server runs again\./g)).toHaveLength(2), WAIT);
  expect((await get('/healthz')).status).toBe(200);
  expect(output.match(LINK)).toHaveLength(1);

  dev.kill('SIGINT');
  expect(await once(dev, 'exit')).toEqual([0, null]);
  expect(processesWithArgument(copy)).toEqual([]);
});
