import { execFileSync } from 'node:child_process';
import { startModelServer, type ModelServer, type ScriptedTurn } from '@teko/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { needs } from './needs';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { TekoProcess } from './teko-process';

needs('bubblewrap');

const MARK = 'sleep 986.4';
let teko: TekoProcess | undefined;
let server: ModelServer | undefined;
afterEach(async () => {
  await teko?.stop();
  await server?.close();
});

function sleepers(): number {
  return execFileSync('ps', ['-eo', 'args'])
    .toString()
    .split('\n')
    .filter((line) => line.startsWith(MARK)).length;
}

async function startWith(script: (turn: number) => ScriptedTurn) {
  server = await startModelServer(({ turn }) => script(turn));
  teko = await (
    await TekoProcess.start({
      TEKO_MODEL: 'openai:scripted',
      OPENAI_BASE_URL: `${server.url}/v1`,
      OPENAI_API_KEY: 'story-key',
    })
  ).signIn();
  const task = await teko.addTask(brokenRepository(SAMPLES[0]!), { title: 'Weeks are wrong' });
  return { teko, server, task };
}

/** A command that is broken off is run again when the run goes on: the second time it has nothing to do. */
const ONCE = `{ touch begun; setsid -f ${MARK}; ${MARK}; }`;
const sleeping: ScriptedTurn = {
  toolCalls: [{ name: 'run_command', args: { command: `test -e begun || ${ONCE}`, timeoutSeconds: 600 } }],
};

it('a cancel ends command, daemons and run within five seconds, and nothing is asked after it', async () => {
  const story = await startWith(() => sleeping);
  await vi.waitFor(() => expect(sleepers()).toBe(2), { timeout: 60_000, interval: 100 });
  const [run] = await story.teko.rows(`/runs?taskId=${story.task.id}`);
  const asked = story.server.calls.length;
  const start = Date.now();
  await story.teko.post(`/runs/${run!.id}/cancel`);
  const ended = await story.teko.finishedRun(story.task.id);
  await vi.waitFor(() => expect(sleepers()).toBe(0));
  expect(Date.now() - start).toBeLessThan(5_000);
  expect(ended).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
  expect(ended.outcomeDetail).toContain('The work so far is kept as commit');
  expect(story.server.calls).toHaveLength(asked);
  expect(await story.teko.get(`/tasks/${story.task.id}`)).toMatchObject({ status: 'cancelled' });
});

it('a cancel closes the model’s answer on the wire', async () => {
  const story = await startWith(() => ({ hang: true }));
  await vi.waitFor(() => expect(story.server.calls).toHaveLength(1), { timeout: 60_000 });
  const [run] = await story.teko.rows(`/runs?taskId=${story.task.id}`);
  await story.teko.post(`/runs/${run!.id}/cancel`);
  expect(await story.teko.finishedRun(story.task.id, 5_000)).toMatchObject({ status: 'cancelled' });
  expect(story.server.calls).toMatchObject([{ aborted: true }]);
});

it('Ctrl-C hands a running run over, leaves no process, and the next start goes on', async () => {
  let interrupted = false;
  const story = await startWith((turn) => {
    if (!interrupted) return sleeping;
    return turn < 2
      ? {
          toolCalls: [
            {
              name: 'edit_file',
              args: { path: SAMPLES[0]!.file, oldText: SAMPLES[0]!.wrong, newText: SAMPLES[0]!.right },
            },
          ],
        }
      : { toolCalls: [{ name: 'finish', args: { title: 'Mend weeks', summary: '' } }] };
  });
  await vi.waitFor(() => expect(sleepers()).toBe(2), { timeout: 60_000, interval: 100 });
  interrupted = true;
  await story.teko.kill('SIGINT');
  expect(story.teko.child.exitCode).toBe(0);
  await vi.waitFor(() => expect(sleepers()).toBe(0));

  const env = { TEKO_MODEL: 'openai:scripted', OPENAI_BASE_URL: `${story.server.url}/v1`, OPENAI_API_KEY: 'story-key' };
  teko = await (await TekoProcess.start(env, story.teko.home)).signIn();
  await vi.waitFor(
    async () => expect((await teko!.rows(`/runs?taskId=${story.task.id}`))[0]?.status).not.toBe('interrupted'),
    { timeout: 30_000 },
  );
  const run = await teko.finishedRun(story.task.id);
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded' });
  expect(await teko.rows(`/runs?taskId=${story.task.id}`)).toHaveLength(1);
});
