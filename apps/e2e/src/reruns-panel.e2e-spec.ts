import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { screenshots, signedInPage, startBrowser } from './browser';
import { missingPackages } from './required-packages';
import { sharedTeko } from './shared-teko';
import { addSmallTask, finish, plan, solve, write } from './small-scenario';

const reason = missingPackages('bubblewrap', 'chromium');
describe.skipIf(reason)(reason ?? 'waiting, failed and derived runs, in Chromium', () => {
  const shared = sharedTeko();
  let browser: Browser;
  let page: Page;
  let consoleErrors: string[];

  beforeAll(async () => (browser = await startBrowser()));

  async function open(hash: string): Promise<void> {
    consoleErrors = [];
    page = await signedInPage(browser, shared.teko, consoleErrors, 1100);
    await page.goto(`${shared.teko.url}/${hash}`);
  }

  const shot = (name: string) => screenshots(page, name, [390, 1280], 1100);

  it('a run that hit a limit is continued with an instruction, replayed and forked', async () => {
    const { teko } = shared;
    shared.useScript(({ text, turn }) => {
      if (text.includes('An earlier run worked on this')) return [solve, finish][turn] ?? finish;
      const look = { toolCalls: [{ name: 'read_file', args: { path: 'half.txt' } }] };
      return turn === 0 ? write('half.txt', 'half\n') : look;
    });
    const task = await addSmallTask(teko);
    const limited = await teko.finishedRun(task.id);
    const [first, second] = [Number(limited.number), Number(limited.number) + 1];
    await open(`#/runs/${limited.id}/show`);
    const actions = page.getByRole('region', { name: 'External actions' });
    await actions.getByText(`teko/${String(task.number)}-the-answer-is-wrong`).waitFor();
    await shot('runs-limited');

    await page.goto(`${teko.url}/#/queue`);
    await page.getByRole('list', { name: 'Failed runs' }).getByText(`Run ${first}`).waitFor();
    await shot('queue-failed');
    await page.goto(`${teko.url}/#/runs/${limited.id}/show`);

    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Instruction').fill('Only answer.txt matters.');
    await page.getByRole('dialog').getByRole('button', { name: 'Continue' }).click();
    await page.getByText(`Continues run ${first}.`).waitFor();
    await page.getByText('Instruction: Only answer.txt matters.').waitFor();
    expect(await teko.finishedRun(task.id)).toMatchObject({ number: second, status: 'succeeded' });
    await page.getByText('gate green').first().waitFor();

    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click();
    await page.getByText(`Replays run ${second}.`).waitFor();
    await page.getByText('replayed').first().waitFor();
    await page.getByRole('button', { name: 'Cancel run' }).waitFor({ state: 'detached' });
    await shot('runs-replayed');

    await page.goto(
      `${teko.url}/#/runs/${(await teko.rows(`/runs?taskId=${task.id}&sort=number&order=ASC`))[1]!.id}/show`,
    );
    await page.getByRole('button', { name: 'Fork' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('From turn').fill('2');
    await shot('runs-fork');
    await dialog.getByRole('button', { name: 'Fork' }).click();
    await dialog.getByText('is required unless another model is given').waitFor();
    await dialog.getByLabel('Instruction').fill('Say why.');
    await dialog.getByRole('button', { name: 'Fork' }).click();
    await page.getByText(`Forks run ${second} at turn 2.`).waitFor();
    expect(consoleErrors.filter((text) => !text.includes('422'))).toEqual([]);
  });

  it('a plan is approved and a question is answered in the panel', async () => {
    const ask = { toolCalls: [{ name: 'ask_requester', args: { question: 'Should it be 42 or 43?' } }] };
    const { teko } = shared;
    shared.useScript([plan('answer.txt'), ask, solve, finish]);
    const task = await addSmallTask(teko, { name: 'asked', planRule: 'always' });
    await open(`#/tasks/${task.id}/show`);
    await page.getByText('needs input').waitFor();
    const [run] = await teko.rows(`/runs?taskId=${task.id}`);
    await page.getByRole('link', { name: `Run ${String(run!.number)}` }).click();
    const card = page.getByRole('region', { name: 'Approval' });
    await card.getByText('Write 42 where 41 stands.').waitFor();
    await card.getByText('Files: answer.txt').waitFor();
    await shot('runs-plan');
    await card.getByRole('button', { name: 'Approve' }).click();

    await page.goto(`${teko.url}/#/tasks/${task.id}/show`);
    await page.getByText('Should it be 42 or 43?').first().waitFor();
    await shot('tasks-question');
    await page.getByLabel('Your comment').fill('42.');
    await page.getByRole('button', { name: 'Post comment' }).click();
    expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'succeeded' });
    await page.getByRole('button', { name: 'Mark as done' }).click();
    await page.getByText('The task is done.').waitFor();

    await page.goto(`${teko.url}/#/tasks/create`);
    await page.getByLabel('Repository').fill('asked');
    await page.getByRole('option', { name: 'asked' }).click();
    await page.getByLabel('Blocked by').fill('answer');
    await page.getByRole('option', { name: `${String(task.number)}: The answer is wrong` }).click();
    await shot('tasks-blocked');
    await page.goto(`${teko.url}/#/repositories/${String(task.repositoryId)}`);
    await page.getByLabel('Scheduling weight').fill('3');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL((url) => url.hash.endsWith('/show'));
    expect(await teko.get(`/repositories/${String(task.repositoryId)}`)).toMatchObject({
      weight: 3,
      planRule: 'always',
    });
    expect(consoleErrors).toEqual([]);
  });
});
