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
const FACT = 'The answer is one number <b>on a line</b>.';
const SAID_ANEW = 'The answer is a number and a word.';

const reason = missingPackages('chromium');
// One after the other: they tell of one fact.
describe.skipIf(reason)(reason ?? 'what was learned, in Chromium', { shuffle: false }, () => {
  let teko: TekoProcess;
  let browser: Browser;
  let page: Page;
  let path = '';
  let repositoryId = '';
  const complaints: string[] = [];

  beforeAll(async () => {
    path = smallRepository();
    teko = await (await TekoProcess.start()).signIn();
    repositoryId = (await teko.post('/repositories', { name: 'small', url: path })).id;
    await looked(null);
    browser = await startBrowser();
    page = await signedInPage(browser, teko, complaints);
  });

  /** Waits until Teko knows another commit than this. */
  const looked = (before: unknown) =>
    eventually(async () => {
      const { headCommit } = await teko.get(`/repositories/${repositoryId}`);
      if (!headCommit || headCommit === before) throw new Error('not analysed yet');
    });
  const open = async (hash: string, on = page) => {
    await on.goto('about:blank');
    await on.goto(`${teko.url}/#/${hash}`);
  };
  const listed = (filter: object) => `insights?filter=${encodeURIComponent(JSON.stringify(filter))}`;
  const field = (name: string) => page.getByRole('textbox', { name });
  const save = () => page.getByRole('button', { name: 'Save' }).click();
  const write = (text: string, more = {}) =>
    teko.post('/insights', { repositoryId, kind: 'convention', text, ...more });
  const shot = async (name: string) => {
    if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `insights-${name}.png`), fullPage: true });
  };

  it('is written down; what cannot be is refused at its field', async () => {
    await open(`repositories/${repositoryId}/show`);
    await page.getByRole('link', { name: 'Write a fact down' }).click();
    await field('Fact').fill('x');
    await field('File').fill('nowhere.txt');
    await save();
    await page.getByText('Must be 3 characters at least').waitFor();
    await field('Fact').fill(FACT);
    const refused = page.waitForResponse((response) => response.status() === 422);
    await save();
    await refused;
    await page.getByText(/^does not exist in commit [0-9a-f]{12}$/i).waitFor();
    expect(await field('File').getAttribute('aria-invalid')).toBe('true');
    await shot('refused');
    // The browser itself says on the console that the request was refused.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('422')]);
    await field('File').fill('answer.txt');
    await save();
    await page.getByRole('heading', { name: FACT, level: 1 }).waitFor();
    expect(await page.locator('h1 b').count(), 'text is no markup').toBe(0);
  });

  it('is stale once its file changes, unless it is pinned, and holds again once it is said anew', async () => {
    const { headCommit } = await teko.get(`/repositories/${repositoryId}`);
    writeFileSync(join(path, 'answer.txt'), '43 or more\n');
    execFileSync('git', ['-C', path, '-c', 'user.name=T', '-c', 'user.email=t@localhost', 'commit', '-qam', 'Second']);
    await teko.post(`/repositories/${repositoryId}/analyses`);
    await looked(headCommit);
    await write('It is small.');

    await open(listed({ stale: 'true' }));
    const row = page.getByRole('row').filter({ hasText: FACT });
    await row.getByText(/^stale since/).waitFor();
    expect(await page.getByText('It is small.').count()).toBe(0);
    await shot('stale');
    await row.getByText(FACT).click();
    await page.getByText(/Agents are not told this: answer\.txt is not what it was/).waitFor();
    await shot('show-stale');
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await page.getByText('Agents are told this whatever becomes of its file.').waitFor();
    expect(await page.getByText(/^stale since/).count()).toBe(0);
    await page.getByRole('button', { name: 'Unpin', exact: true }).click();
    await page.getByText(/^stale since/).waitFor();

    await page.getByRole('link', { name: 'Edit' }).click();
    await field('Fact').fill(SAID_ANEW);
    const { id } = (await teko.rows('/insights?stale=true'))[0]!;
    await teko.patch(`/insights/${id}`, { kind: 'build' });
    await page.getByRole('combobox', { name: 'Kind' }).filter({ hasText: 'build' }).waitFor();
    expect(await field('Fact').inputValue(), 'what is typed stays when the rest changes').toBe(SAID_ANEW);
    await save();
    await page.getByRole('heading', { name: SAID_ANEW, level: 1 }).waitFor();
    expect(await teko.get(`/insights/${id}`)).toMatchObject({ text: SAID_ANEW, kind: 'build' });
    await page.getByText(/as of content [0-9a-f]{12}/).waitFor();
    expect(await page.getByText(/^stale since/).count()).toBe(0);
  });

  it('is found by words, deleted, and purged by who wrote it, after it was said how much that is', async () => {
    await open(listed({}));
    await page.getByPlaceholder('Search').fill('number and a word');
    await page.getByRole('row').filter({ hasText: SAID_ANEW }).waitFor();
    await page.getByText('It is small.').waitFor({ state: 'hidden' });
    await page.getByText(SAID_ANEW).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForURL(/#\/insights(\?|$)/);
    expect((await teko.rows('/insights')).map(({ text }) => text)).toEqual(['It is small.']);

    await write('It is quick.', { kind: 'build' });
    await open(listed({ repositoryId, source: 'user' }));
    await page.getByText('It is quick.').waitFor();
    await page.getByRole('button', { name: 'Purge all by people' }).click();
    await page.getByText(/^Delete all 2 facts by people on this repository\?/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await teko.rows('/insights')).toHaveLength(2);
    await page.getByText('It is quick.').click();
    await page.getByRole('heading', { name: 'It is quick.', level: 1 }).waitFor();
    await page.getByRole('button', { name: /^Purge all by / }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('2 facts are deleted.').waitFor();
    await page.waitForURL(/#\/insights(\?|$)/);
    expect(await teko.rows('/insights')).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('is read by viewers, who are offered nothing that would be refused', async () => {
    const { id } = await write(`See https://example.org/${'a-long-path/'.repeat(20)}`, { path: 'answer.txt' });
    const { id: userId } = await teko.post('/users', { name: 'Vera', roles: ['viewer'] });
    const { url } = await teko.post<{ url: string }>(`/users/${userId}/sign-in-links`);
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const other = await context.newPage();
    await other.goto(`${teko.url}/${new URL(url).hash}`);
    await other.waitForURL((at) => !at.hash.includes('login'));
    const screens = [listed({ repositoryId, source: 'user' }), `insights/${id}/show`];
    for (const hash of [...screens, `repositories/${repositoryId}/show`]) {
      await open(hash, other);
      await other
        .getByText(/a-long-path/)
        .first()
        .waitFor();
      for (const role of ['button', 'link'] as const)
        expect(await other.getByRole(role, { name: /pin|edit|delete|purge|write a fact/i }).count(), hash).toBe(0);
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
        .getByText(/a-long-path|Fact/)
        .first()
        .waitFor();
      const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
      await shot(`${name}-390`);
      expect(overflow, `${name} is wider than the window`).toBeLessThanOrEqual(0);
    }
  });
});
