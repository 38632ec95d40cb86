import { randomInt } from 'node:crypto';
import { processesWithArgument, type ScriptedTurn } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import { MachineDelay } from './machine-delay';
import { requirePackages } from './required-packages';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { sharedTeko } from './shared-teko';
import { finish } from './small-scenario';

requirePackages('bubblewrap');

const sample = SAMPLES[0]!;
const MAX_DURATION_MS = 5_000;
const MAX_DELAY_MS = 1_000;
const shared = sharedTeko();

/** A command that sleeps twice, once as a daemon, for a time that no other test chooses. */
function sleeper() {
  const seconds = `986.${randomInt(1e9)}`;
  const mark = `sleep ${seconds}`;
  // A command that is broken off is run again when the run goes on: the second time it has nothing to do.
  const command = `test -e begun || { touch begun; setsid -f ${mark}; ${mark}; }`;
  const turn: ScriptedTurn = { toolCalls: [{ name: 'run_command', args: { command, timeoutSeconds: 600 } }] };
  const running = () => processesWithArgument(seconds).filter(({ command }) => command[0] === 'sleep');
  return {
    turn,
    begun: () => eventually(() => expect(running()).toHaveLength(2)),
    gone: () => eventually(() => expect(running()).toEqual([])),
  };
}

const addTask = () => shared.teko.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });

it('a cancel ends command, daemons and run within five seconds, and nothing is asked after it', async () => {
  const { teko, server } = shared;
  const { turn, begun, gone } = sleeper();
  shared.useScript(() => turn);
  const task = await addTask();
  await begun();
  const [run] = await teko.rows(`/runs?taskId=${task.id}`);
  const asked = server.calls.length;
  const { result, netMs, delayMs } = await MachineDelay.measure(async () => {
    await teko.post(`/runs/${run!.id}/cancel`);
    const found = await teko.finishedRun(task.id);
    await gone();
    return found;
  });
  expect(netMs).toBeLessThan(MAX_DURATION_MS);
  expect(result).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
  // Teko keeps the work if that is done within three seconds, of which the machine may take too many.
  if (delayMs < MAX_DELAY_MS) expect(result.outcomeDetail).toContain('The work so far is kept as commit');
  expect(server.calls).toHaveLength(asked);
  expect(await teko.get(`/tasks/${task.id}`)).toMatchObject({ status: 'cancelled' });
});

it('a cancel closes the model’s answer on the wire', async () => {
  const { teko, server } = shared;
  shared.useScript(() => ({ hang: true }));
  const task = await addTask();
  await eventually(() => expect(server.calls).toHaveLength(1));
  const [run] = await teko.rows(`/runs?taskId=${task.id}`);
  const { result: ended, netMs } = await MachineDelay.measure(async () => {
    await teko.post(`/runs/${run!.id}/cancel`);
    return teko.finishedRun(task.id);
  });
  expect(netMs).toBeLessThan(MAX_DURATION_MS);
  expect(ended).toMatchObject({ status: 'cancelled' });
  expect(server.calls).toMatchObject([{ aborted: true }]);
});

it('Ctrl-C hands a running run over, leaves no process, and the next start goes on', async () => {
  const { turn: sleeping, begun, gone } = sleeper();
  const edit = { path: sample.file, oldText: sample.wrong, newText: sample.right };
  let interrupted = false;
  shared.useScript(({ turn }) => {
    if (!interrupted) return sleeping;
    return turn < 2 ? { toolCalls: [{ name: 'edit_file', args: edit }] } : finish;
  });
  const task = await addTask();
  await begun();
  interrupted = true;
  await shared.teko.kill('SIGINT');
  expect(shared.teko.child.exitCode).toBe(0);
  await gone();

  const teko = await shared.restart('SIGINT');
  await eventually(async () => expect((await teko.rows(`/runs?taskId=${task.id}`))[0]?.status).not.toBe('interrupted'));
  const run = await teko.finishedRun(task.id);
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded' });
  expect(await teko.rows(`/runs?taskId=${task.id}`)).toHaveLength(1);
});
