import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { freePort, type ScriptedTurn } from '@teko/testing';
import { expect, it } from 'vitest';
import { requirePackages } from './required-packages';
import { onEnd, temporaryFolder } from './resources';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { startModel } from './small-scenario';
import { TekoProcess } from './teko-process';

requirePackages('bubblewrap');

const sample = SAMPLES[0]!;
const KEY = 'canary/0123456789+abcdef';
/** Values of all secret settings, and the encodings in which they could leak. */
const CANARIES = {
  OPENAI_API_KEY: KEY,
  ANTHROPIC_API_KEY: 'canary-anthropic/91+z',
  TEKO_SECRET: 'canary-secret-of-the-installation/+',
  GITHUB_OAUTH_CLIENT_SECRET: 'canary-github-oauth/77+',
  GOOGLE_CLIENT_SECRET: 'canary-google-oauth/88+',
  GITHUB_TOKEN: 'canary-github-token/66+',
  GITHUB_WEBHOOK_SECRET: 'canary-github-webhook/55+',
};
const FORMS = Object.values(CANARIES).flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('base64url'),
  Buffer.from(secret).toString('hex'),
  [...secret].reverse().join(''),
  [...secret].join(' '),
  secret.toUpperCase(),
  secret.replace(/.{9}/g, '$&\n'),
  gzipSync(secret).toString('base64'),
]);
const command = (text: string): ScriptedTurn => ({ toolCalls: [{ name: 'run_command', args: { command: text } }] });

/** A summary that contains all secrets, as if the model knew them. */
const LEAK = `The keys are ${FORMS.join(' and ')}.`;

/** Starts a service on the loopback of the host, like a database, and returns its port. */
async function startLoopbackService(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).destroy());
  onEnd(() => new Promise((resolve) => server.close(resolve)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A shell command that connects to loopback ports and prints those it reached. */
const probeCommand = (ports: (number | string)[]) =>
  `for port in ${ports.join(' ')}; do (exec 3<>/dev/tcp/127.0.0.1/$port) 2>&1 && echo "reached $port"; done; true`;

/** A URL at which nothing listens. */
async function closedUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

/** Returns the responses of all GET endpoints without an id, and of the run and its sub-resources. */
async function allResponses(teko: TekoProcess): Promise<unknown[]> {
  const { paths } = (await (await fetch(`${teko.url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const [run] = await teko.rows('/runs');
  const plain = Object.keys(paths).filter(
    (path) => path.startsWith('/api/v1') && 'get' in paths[path]! && !/\{id\}|events$|export$/.test(path),
  );
  const ofRun = [`/runs/${run!.id}`, `/runs/${run!.id}/steps`, `/tasks/${String(run!.taskId)}/comments`];
  const urls = [...plain.map((path) => path.replace('/api/v1', '')), ...ofRun];
  expect(urls.length).toBeGreaterThan(18);
  // Endpoints that need GitHub fail: their error messages are checked too.
  return Promise.all(urls.map((path) => teko.get(path).catch((error: Error) => error.message)));
}

it('a model that follows an attacker cannot run code on the host, reach services or learn secrets', async () => {
  const outsideFolder = temporaryFolder('canary');
  const canary = join(outsideFolder, 'canary');
  const service = await startLoopbackService();
  const touch = `touch ${canary}`;
  const attacks = [
    // Git on the host must not run hooks or filters of the workspace.
    `mkdir -p .git/hooks; for h in post-checkout pre-commit post-commit reference-transaction fsmonitor-watchman; do printf '#!/bin/sh\\n${touch}\\n' > .git/hooks/$h; chmod +x .git/hooks/$h; done`,
    `git config core.fsmonitor '${touch}'; git config core.hooksPath .git/hooks; git config core.sshCommand '${touch}'; git config filter.evil.clean '${touch}; cat'; git config filter.evil.smudge '${touch}; cat'; git config diff.external '${touch}'; echo '* filter=evil diff=evil' > .git/info/attributes`,
    `mkdir -p .git/objects/info; echo /root > .git/objects/info/alternates; echo done`,
    // Nothing of the host must be accessible.
    `env; cat /proc/*/environ | tr '\\0' '\\n'; cat /root/.ssh/id_rsa ${outsideFolder}/* /etc/shadow 2>&1; ls -la / ..`,
    () => `${probeCommand([service, new URL(teko.url).port])}; ${touch}; true`,
  ];
  const server = await startModel(({ turn }) => {
    const attack = attacks[turn];
    if (attack) return command(typeof attack === 'string' ? attack : attack());
    if (turn === attacks.length) {
      const args = { path: sample.file, oldText: sample.wrong, newText: sample.right };
      return { toolCalls: [{ name: 'edit_file', args }] };
    }
    return { toolCalls: [{ name: 'finish', args: { title: 'Fix weeks', summary: LEAK } }] };
  });
  const teko = await (
    await TekoProcess.start({
      TEKO_MODEL: 'openai:scripted',
      OPENAI_BASE_URL: `${server.url}/v1`,
      LOG_LEVEL: 'debug',
      GITHUB_API_URL: await closedUrl(),
      ...CANARIES,
    })
  ).signIn();
  const task = await teko.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
  const run = await teko.finishedRun(task.id);

  expect(existsSync(canary)).toBe(false);
  const steps = JSON.stringify(await teko.rows(`/runs/${run.id}/steps?perPage=200`));
  expect(steps).toContain('core.fsmonitor');
  expect(steps).not.toMatch(/reached \d/);
  const ports = [service, new URL(teko.url).port];
  const onHost = execFileSync('bash', ['-c', probeCommand(ports)]).toString();
  expect(onHost, 'the ports are reachable from the host').toBe(ports.map((port) => `reached ${port}\n`).join(''));
  const prompts = server.calls.map(({ text }) => text).join('\n');
  const shown = [steps, prompts.replaceAll(LEAK, ''), teko.output, JSON.stringify(await allResponses(teko))];
  for (const text of shown) for (const form of FORMS) expect(text).not.toContain(form);
  const mirror = join(teko.home, 'repositories', `${String(run.repositoryId)}.git`);
  const log = execFileSync('git', [
    '-c',
    'safe.directory=*',
    '--git-dir',
    mirror,
    'log',
    '--all',
    '--patch',
  ]).toString();
  expect(log).toContain('Fix weeks');
  for (const form of FORMS) expect(log).not.toContain(form);
  // The correct part of the change is tested as usual.
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
});
