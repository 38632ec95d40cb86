import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesWithArgument } from '@teko/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { copyOfWorkspace } from '../workspace.fixture';

const WAIT = { timeout: 120_000, interval: 100 };
const LINK = /http:\/\/localhost:\d+\/#\/login\?token=\S+/g;

it('npm run dev shows each change of panel and server, survives a build error, and ends with Ctrl-C', async () => {
  const copy = copyOfWorkspace();
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
  // The watcher may see one save as two changes, and restart the server once more.
  const waitForHealth = () => vi.waitFor(async () => expect((await get('/healthz')).status).toBe(200), WAIT);
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
  await waitForHealth();
  save('apps/standalone/src/main.ts', "process.stdout.write('fixed\\n');");
  await waitForOutput('fixed');
  await waitForHealth();
  expect(output.match(LINK)).toHaveLength(1);

  // npm forwards a Ctrl-C that the terminal has already sent.
  dev.kill('SIGINT');
  dev.kill('SIGTERM');
  expect(await once(dev, 'exit')).toEqual([0, null]);
  expect(processesWithArgument(copy)).toEqual([]);
});
