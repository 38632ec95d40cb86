import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { signedInPage, startBrowser } from './browser';
import { eventually } from './eventually';
import { missingPackages } from './required-packages';
import { smallRepository } from './sample-repositories';
import { TekoProcess } from './teko-process';

const SCREENSHOTS = process.env.TEKO_SCREENSHOTS;
const TEXT = 'The answer is one number <b>on a line</b>.';
const NEW_TEXT = 'The answer is a number and a word.';

const reason = missingPackages('chromium');
// In order: the tests share one insight.
describe.skipIf(reason)(reason ?? 'insights, in Chromium', { shuffle: false }, () => {
  let teko: TekoProcess;
  let browser: Browser;
  let page: Page;
  let path = '';
  let repositoryId = '';
  const consoleErrors: string[] = [];

  beforeAll(async () => {
    path = smallRepository();
    teko = await (await TekoProcess.start()).signIn();
    repositoryId = (await teko.post('/repositories', { name: 'small', url: path })).id;
    await analysed(null);
    browser = await startBrowser();
    page = await signedInPage(browser, teko, consoleErrors);
  });

  /** Waits until Teko has analysed a commit other than `before`. */
  const analysed = (before: unknown) =>
    eventually(async () => {
      const { headCommit } = await teko.get(`/repositories/${repositoryId}`);
      if (!headCommit || headCommit === before) throw new Error('not analysed yet');
    });
  const open = async (hash: string, on = page) => {
    await on.goto('about:blank');
    await on.goto(`${teko.url}/#/${hash}`);
  };
  const listUrl = (filter: object) => `insights?filter=${encodeURIComponent(JSON.stringify(filter))}`;
  const field = (name: string) => page.getByRole('textbox', { name });
  const save = () => page.getByRole('button', { name: 'Save' }).click();
  const create = (text: string, more = {}) =>
    teko.post('/insights', { repositoryId, kind: 'convention', text, ...more });
  const shot = async (name: string) => {
    if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `insights-${name}.png`), fullPage: true });
  };

  it('are added through the form; validation errors are shown at their field', async () => {
    await open(`repositories/${repositoryId}/show`);
    await page.getByRole('link', { name: 'Add insight' }).click();
    await field('Insight').fill('x');
    await field('File').fill('nowhere.txt');
    await save();
    await page.getByText('Must be 3 characters at least').waitFor();
    await field('Insight').fill(TEXT);
    const rejected = page.waitForResponse((response) => response.status() === 422);
    await save();
    await rejected;
    await page.getByText(/^does not exist in commit [0-9a-f]{12}$/i).waitFor();
    expect(await field('File').getAttribute('aria-invalid')).toBe('true');
    await shot('rejected');
    // The browser logs the rejected request.
    expect(consoleErrors.splice(0)).toEqual([expect.stringContaining('422')]);
    await field('File').fill('answer.txt');
    await save();
    await page.getByRole('heading', { name: TEXT, level: 1 }).waitFor();
    expect(await page.locator('h1 b').count(), 'text is not markup').toBe(0);
  });

  it('become stale when their file changes unless pinned, and current again when edited', async () => {
    const { headCommit } = await teko.get(`/repositories/${repositoryId}`);
    writeFileSync(join(path, 'answer.txt'), '43 or more\n');
    execFileSync('git', ['-C', path, '-c', 'user.name=T', '-c', 'user.email=t@localhost', 'commit', '-qam', 'Second']);
    await teko.post(`/repositories/${repositoryId}/analyses`);
    await analysed(headCommit);
    await create('It is small.');

    await open(listUrl({ stale: 'true' }));
    const row = page.getByRole('row').filter({ hasText: TEXT });
    await row.getByText(/^stale since/).waitFor();
    expect(await page.getByText('It is small.').count()).toBe(0);
    await shot('stale');
    await row.getByText(TEXT).click();
    await page.getByText(/Agents do not receive this insight: answer\.txt was changed or deleted/).waitFor();
    await shot('show-stale');
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await page.getByText('Agents receive this insight even if its file changes.').waitFor();
    expect(await page.getByText(/^stale since/).count()).toBe(0);
    await page.getByRole('button', { name: 'Unpin', exact: true }).click();
    await page.getByText(/^stale since/).waitFor();

    await page.getByRole('link', { name: 'Edit' }).click();
    await field('Insight').fill(NEW_TEXT);
    const { id } = (await teko.rows('/insights?stale=true'))[0]!;
    await teko.patch(`/insights/${id}`, { kind: 'build' });
    await page.getByRole('combobox', { name: 'Kind' }).filter({ hasText: 'build' }).waitFor();
    expect(await field('Insight').inputValue(), 'edited fields keep their value when others change').toBe(NEW_TEXT);
    await save();
    await page.getByRole('heading', { name: NEW_TEXT, level: 1 }).waitFor();
    expect(await teko.get(`/insights/${id}`)).toMatchObject({ text: NEW_TEXT, kind: 'build' });
    await page.getByText(/at blob [0-9a-f]{12}/).waitFor();
    expect(await page.getByText(/^stale since/).count()).toBe(0);
  });

  it('are searched, deleted, and deleted by author after a confirmation that shows their number', async () => {
    await open(listUrl({}));
    await page.getByPlaceholder('Search').fill('number and a word');
    await page.getByRole('row').filter({ hasText: NEW_TEXT }).waitFor();
    await page.getByText('It is small.').waitFor({ state: 'hidden' });
    await page.getByText(NEW_TEXT).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForURL(/#\/insights(\?|$)/);
    expect((await teko.rows('/insights')).map(({ text }) => text)).toEqual(['It is small.']);

    await create('It is quick.', { kind: 'build' });
    await open(listUrl({ repositoryId, source: 'user' }));
    await page.getByText('It is quick.').waitFor();
    await page.getByRole('button', { name: 'Delete all by users' }).click();
    await page.getByText(/^Delete all 2 insights by users on this repository\?/).waitFor();
    await page.getByRole('button', { name: 'Go back' }).click();
    expect(await teko.rows('/insights')).toHaveLength(2);
    await page.getByText('It is quick.').click();
    await page.getByRole('heading', { name: 'It is quick.', level: 1 }).waitFor();
    await page.getByRole('button', { name: /^Delete all by / }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete all by / })
      .click();
    await page.getByText('2 insights deleted.').waitFor();
    await page.waitForURL(/#\/insights(\?|$)/);
    expect(await teko.rows('/insights')).toEqual([]);
    expect(consoleErrors).toEqual([]);
  });

  it('are shown to viewers without actions that the API would reject', async () => {
    const { id } = await create(`See https://example.org/${'a-long-path/'.repeat(20)}`, { path: 'answer.txt' });
    const { id: userId } = await teko.post('/users', { name: 'Vera', roles: ['viewer'] });
    const { url } = await teko.post<{ url: string }>(`/users/${userId}/sign-in-links`);
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const other = await context.newPage();
    await other.goto(`${teko.url}/${new URL(url).hash}`);
    await other.waitForURL((at) => !at.hash.includes('login'));
    const screens = [listUrl({ repositoryId, source: 'user' }), `insights/${id}/show`];
    for (const hash of [...screens, `repositories/${repositoryId}/show`]) {
      await open(hash, other);
      await other
        .getByText(/a-long-path/)
        .first()
        .waitFor();
      for (const role of ['button', 'link'] as const)
        expect(await other.getByRole(role, { name: /pin|edit|delete|add insight/i }).count(), hash).toBe(0);
    }
    await context.close();
    await page.setViewportSize({ width: 390, height: 844 });
    const [list = '', show = ''] = screens;
    for (const [name, hash] of [
      ['list', list],
      ['show', show],
      ['edit', `insights/${id}`],
      ['create', 'insights/create'],
      ['repository', `repositories/${repositoryId}/show`],
    ] as const) {
      await open(hash);
      await page
        .getByText(/a-long-path|Insight/)
        .first()
        .waitFor();
      const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
      await shot(`${name}-390`);
      expect(overflow, `${name} is wider than the window`).toBeLessThanOrEqual(0);
    }
  });
});
