import { expect, it } from 'vitest';
import { requirePackages } from './required-packages';
import { TekoProcess } from './teko-process';

requirePackages('bubblewrap');

it('reviews the change of the demo: creates findings with file and lines and does not change the repository', async () => {
  const teko = await (await TekoProcess.start({ TEKO_DEMO: 'on' })).signIn();
  const [task] = await teko.rows('/tasks');
  await teko.finishedRun(task!.id);
  const [change] = await teko.rows('/changes');
  const review = await teko.post(`/changes/${change!.id}/reviews`);
  const run = await teko.finishedRun(review.id);
  expect(run, JSON.stringify(run)).toMatchObject({
    status: 'succeeded',
    outcome: 'reviewed',
    agentType: 'review',
    demo: true,
  });
  const findings = await teko.rows(`/findings?changeId=${change!.id}`);
  expect(findings).toMatchObject([
    { path: 'src/discounts.js', startLine: 9, endLine: 12, severity: 'low', status: 'open' },
  ]);
  expect(await teko.rows('/changes')).toHaveLength(1);
  expect(await teko.get(`/tasks/${review.id}`)).toMatchObject({ status: 'done' });
});
