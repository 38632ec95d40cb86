import { randomInt } from 'node:crypto';
import { processesWithArgument, type ScriptedTurn } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import { MachineDelay } from './machine-delay';
import { requirePackages } from './required-packages';
import { sharedTeko } from './shared-teko';
import { addSmallTask, finish, solve } from './small-scenario';

requirePackages('bubblewrap');

const MAX_DURATION_MS = 5_000;
const MAX_DELAY_MS = 1_000;
const shared = sharedTeko();

/** A command that starts two sleep processes, one of them as a daemon, with a duration that no other test uses. */
function sleeper() {
  const seconds = `986.${randomInt(1e9)}`;
  const mark = `sleep ${seconds}`;
  // An interrupted command is repeated when the run is resumed: the second time it does nothing.
  const command = `test -e begun || { touch begun; echo >>answer.txt; setsid -f ${mark}; ${mark}; }`;
  const turn: ScriptedTurn = { toolCalls: [{ name: 'run_command', args: { command, timeoutSeconds: 600 } }] };
  const running = () => processesWithArgument(seconds).filter(({ command }) => command[0] === 'sleep');
  return {
    turn,
    started: () => eventually(() => expect(running()).toHaveLength(2)),
    stopped: () => eventually(() => expect(running()).toEqual([])),
  };
}

const addTask = () => addSmallTask(shared.teko);

it('a cancellation stops the command, its daemons and the run within five seconds, without further model calls', async () => {
  const { teko, server } = shared;
  const { turn, started, stopped } = sleeper();
  shared.useScript(() => turn);
  const task = await addTask();
  await started();
  const [run] = await teko.rows(`/runs?taskId=${task.id}`);
  const calls = server.calls.length;
  const { result, netMs, delayMs } = await MachineDelay.measure(async () => {
    await teko.post(`/runs/${run!.id}/cancel`);
    const found = await teko.finishedRun(task.id);
    await stopped();
    return found;
  });
  expect(netMs).toBeLessThan(MAX_DURATION_MS);
  expect(result).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
  // Teko commits the work if that takes at most three seconds, which a busy machine may exceed.
  if (delayMs < MAX_DELAY_MS) expect(result.outcomeDetail).toContain('The work so far is saved as commit');
  expect(server.calls).toHaveLength(calls);
  expect(await teko.get(`/tasks/${task.id}`)).toMatchObject({ status: 'cancelled' });
});

it('a cancellation closes the connection to the model', async () => {
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

it('Ctrl-C interrupts a run and leaves no process; the next start resumes the run', async () => {
  const { turn: sleeping, started, stopped } = sleeper();
  let interrupted = false;
  shared.useScript(({ turn }) => {
    if (!interrupted) return sleeping;
    return turn < 2 ? solve : finish;
  });
  const task = await addTask();
  await started();
  interrupted = true;
  await shared.teko.kill('SIGINT');
  expect(shared.teko.child.exitCode).toBe(0);
  await stopped();

  const teko = await shared.restart('SIGINT');
  await eventually(async () => expect((await teko.rows(`/runs?taskId=${task.id}`))[0]?.status).not.toBe('interrupted'));
  const run = await teko.finishedRun(task.id);
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded' });
  expect(await teko.rows(`/runs?taskId=${task.id}`)).toHaveLength(1);
});
