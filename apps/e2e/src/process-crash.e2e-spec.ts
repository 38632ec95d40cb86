import type { ScriptedTurn } from '@teko/testing';
import { expect, it } from 'vitest';
import { requirePackages } from './required-packages';
import { addSmallTask, finish, modelEnv, solve, startModel } from './small-scenario';
import { TekoProcess } from './teko-process';

requirePackages('bubblewrap');

it('resumes a run after kill -9 without repeating recorded model calls', async () => {
  const turns: ScriptedTurn[] = [{ toolCalls: [{ name: 'read_file', args: { path: 'answer.txt' } }] }, solve, finish];
  const requestedTurns: number[] = [];
  let onThirdTurn: () => void = () => undefined;
  const thirdTurn = new Promise<void>((resolve) => (onThirdTurn = resolve));
  let killed = false;
  const server = await startModel(({ turn }) => {
    requestedTurns.push(turn);
    if (turn < 2 || killed) return turns[turn]!;
    onThirdTurn();
    return { hang: true };
  });
  const env = modelEnv(server);
  let teko = await (await TekoProcess.start(env)).signIn();
  const task = await addSmallTask(teko);
  await thirdTurn;
  killed = true;
  await teko.kill('SIGKILL');

  teko = await (await TekoProcess.start(env, teko.home)).signIn();
  const run = await teko.finishedRun(task.id);
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
  expect(requestedTurns).toEqual([0, 1, 2, 2]);
  expect(await teko.rows(`/runs?taskId=${task.id}`)).toHaveLength(1);
  expect(await teko.rows(`/changes?taskId=${task.id}`)).toHaveLength(1);
  expect(await teko.rows(`/comments?taskId=${task.id}`)).toHaveLength(1);
});

it('ends a run that has killed the process three times, stays up, and can retry the task', async () => {
  let kills = 0;
  let onCall: () => void = () => undefined;
  // Hangs in the second turn of each start until the process is killed.
  const server = await startModel(({ turn }) => {
    if (turn === 0) return solve;
    if (kills >= 3) return finish;
    onCall();
    return { hang: true };
  });
  const env = modelEnv(server);
  let teko = await (await TekoProcess.start(env)).signIn();
  const session = teko.sessionCookie;
  const nextCall = () => new Promise<void>((resolve) => (onCall = resolve));
  let called = nextCall();
  const task = await addSmallTask(teko);
  while (kills < 3) {
    await called;
    kills++;
    await teko.kill('SIGKILL');
    called = nextCall();
    teko = await (await TekoProcess.start(env, teko.home)).useSession(session);
  }
  const run = await teko.finishedRun(task.id);
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'failed', outcome: 'worker_died' });
  expect(run.outcomeDetail).toMatch(/died 3 times .* The work so far is saved on branch teko\//s);
  const comments = await teko.rows<{ body: string }>(`/comments?taskId=${task.id}`);
  expect(comments.map(({ body }) => body)).toEqual([expect.stringContaining('died 3 times')]);
  expect(await teko.get(`/tasks/${task.id}`)).toMatchObject({ status: 'failed' });

  await teko.post(`/tasks/${task.id}/runs`);
  expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'succeeded', attempt: 2 });
});
