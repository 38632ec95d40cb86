import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { requirePackages } from './required-packages';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { finish, solve, startScripted } from './small-scenario';

requirePackages('bubblewrap');

const ABOUT_REPOSITORY = 'The whole repository is one file.';
const ABOUT_FILE = 'The answer is one number on a line.';

it('passes the insights of a run to the next run until the file they are about changes', async () => {
  const learn = (text: string, path?: string) => ({ name: 'remember', args: { kind: 'convention', text, path } });
  const { teko, server } = await startScripted([
    { toolCalls: [learn(ABOUT_REPOSITORY), learn(ABOUT_FILE, 'answer.txt')] },
    solve,
    finish,
  ]);
  const url = smallRepository();
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', url, ...args])
      .toString()
      .trim();
  const { id: repositoryId } = await teko.post('/repositories', { name: 'small', url, testCommand: SMALL_TEST });
  const runAndPrompt = async () => {
    const before = server.calls.length;
    const task = await teko.post('/tasks', { repositoryId, kind: 'implement', title: 'The answer is wrong' });
    const run = await teko.finishedRun(task.id);
    expect(run).toMatchObject({ status: 'succeeded' });
    return { run, prompt: server.calls[before]!.text };
  };
  const first = await runAndPrompt();
  expect(first.prompt).not.toContain('Insights from earlier runs');
  const insights = await teko.rows(`/insights?repositoryId=${repositoryId}&sort=createdAt`);
  expect(insights).toMatchObject([
    { text: ABOUT_REPOSITORY, path: null, source: 'agent', sourceId: first.run.id, staleAt: null },
    { text: ABOUT_FILE, path: 'answer.txt', blob: git('rev-parse', 'HEAD:answer.txt') },
  ]);

  const second = await runAndPrompt();
  expect(second.prompt).toContain('Insights from earlier runs');
  for (const text of [ABOUT_REPOSITORY, ABOUT_FILE]) expect(second.prompt).toContain(text);
  expect(await teko.rows(`/insights?repositoryId=${repositoryId}`), 'a repeated insight is stored once').toHaveLength(
    2,
  );

  writeFileSync(join(url, 'answer.txt'), '43 or more\n');
  git('-c', 'user.name=T', '-c', 'user.email=t@localhost', 'commit', '-qam', 'Second');
  const third = await runAndPrompt();
  expect(third.prompt).toContain(ABOUT_REPOSITORY);
  expect(third.prompt).not.toContain(ABOUT_FILE);

  const replay = await teko.post(`/runs/${second.run.id}/replay`);
  expect(await teko.finishedRun(replay.taskId as string)).toMatchObject({ id: replay.id, outcome: 'replayed' });
});
