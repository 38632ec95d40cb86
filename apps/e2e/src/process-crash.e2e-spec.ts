import type { ScriptedTurn } from '@teko/testing';
import { expect, it } from 'vitest';
import { requirePackages } from './required-packages';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { modelEnv, startModel } from './small-scenario';
import { TekoProcess } from './teko-process';

requirePackages('bubblewrap');

const sample = SAMPLES[0]!;

it('kill -9 in the middle of a run: the next start finishes it and pays no answered call twice', async () => {
  const turns: ScriptedTurn[] = [
    { toolCalls: [{ name: 'read_file', args: { path: sample.file } }] },
    { toolCalls: [{ name: 'edit_file', args: { path: sample.file, oldText: sample.wrong, newText: sample.right } }] },
    { toolCalls: [{ name: 'finish', args: { title: 'Mend weeks', summary: 'Weeks are seven days.' } }] },
  ];
  const asked: number[] = [];
  let died: () => void = () => undefined;
  const third = new Promise<void>((resolve) => (died = resolve));
  let killed = false;
  const server = await startModel(({ turn }) => {
    asked.push(turn);
    if (turn < 2 || killed) return turns[turn]!;
    died();
    return { hang: true };
  });
  const env = modelEnv(server);
  let teko = await (await TekoProcess.start(env)).signIn();
  const task = await teko.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
  await third;
  killed = true;
  await teko.kill('SIGKILL');

  teko = await (await TekoProcess.start(env, teko.home)).signIn();
  const run = await teko.finishedRun(task.id);
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
  expect(asked).toEqual([0, 1, 2, 2]);
  expect(await teko.rows(`/runs?taskId=${task.id}`)).toHaveLength(1);
  expect(await teko.rows(`/changes?taskId=${task.id}`)).toHaveLength(1);
  expect(await teko.rows(`/comments?taskId=${task.id}`)).toHaveLength(1);
});
