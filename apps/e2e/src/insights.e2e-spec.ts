import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { requirePackages } from './required-packages';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { finish, solve, startScripted } from './small-scenario';

requirePackages('bubblewrap');

const ABOUT_ALL = 'The whole repository is one file.';
const ABOUT_ONE = 'The answer is one number on a line.';

it('what one run learns the next is told, until the file that it is about has changed', async () => {
  const learn = (text: string, path?: string) => ({ name: 'remember', args: { kind: 'convention', text, path } });
  const { teko, server } = await startScripted([
    { toolCalls: [learn(ABOUT_ALL), learn(ABOUT_ONE, 'answer.txt')] },
    solve,
    finish,
  ]);
  const url = smallRepository();
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', url, ...args])
      .toString()
      .trim();
  const { id: repositoryId } = await teko.post('/repositories', { name: 'small', url, testCommand: SMALL_TEST });
  const told = async () => {
    const before = server.calls.length;
    const task = await teko.post('/tasks', { repositoryId, kind: 'implement', title: 'The answer is wrong' });
    const run = await teko.finishedRun(task.id);
    expect(run).toMatchObject({ status: 'succeeded' });
    return { run, opening: server.calls[before]!.text };
  };
  const first = await told();
  expect(first.opening).not.toContain('Insights from earlier runs');
  const facts = await teko.rows(`/insights?repositoryId=${repositoryId}&sort=createdAt`);
  expect(facts).toMatchObject([
    { text: ABOUT_ALL, path: null, source: 'agent', sourceId: first.run.id, staleAt: null },
    { text: ABOUT_ONE, path: 'answer.txt', blob: git('rev-parse', 'HEAD:answer.txt') },
  ]);

  const second = await told();
  expect(second.opening).toContain('Insights from earlier runs');
  for (const text of [ABOUT_ALL, ABOUT_ONE]) expect(second.opening).toContain(text);
  expect(await teko.rows(`/insights?repositoryId=${repositoryId}`), 'said again, kept once').toHaveLength(2);

  writeFileSync(join(url, 'answer.txt'), '43 or more\n');
  git('-c', 'user.name=T', '-c', 'user.email=t@localhost', 'commit', '-qam', 'Second');
  const third = await told();
  expect(third.opening).toContain(ABOUT_ALL);
  expect(third.opening).not.toContain(ABOUT_ONE);

  const replay = await teko.post(`/runs/${second.run.id}/replay`);
  expect(await teko.finishedRun(replay.taskId as string)).toMatchObject({ id: replay.id, outcome: 'replayed' });
});
