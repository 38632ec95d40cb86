import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { signedInPage, startBrowser } from './browser';
import { eventually } from './eventually';
import { missingPackages } from './required-packages';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { TekoProcess } from './teko-process';

const reason = missingPackages('chromium', 'python3-packaging');
// In order: the last test changes the repository.
describe.skipIf(reason)(reason ?? 'code search and codebase profile, in Chromium', { shuffle: false }, () => {
  let teko: TekoProcess;
  let page: Page;
  let path = '';
  let repositoryId = '';
  const consoleErrors: string[] = [];

  const indexed = async () => {
    const { headCommit } = await teko.get(`/repositories/${repositoryId}`);
    const index = await teko.get(`/repositories/${repositoryId}/code-index`);
    if (index.status !== 'ready' || index.commit !== headCommit) throw new Error(JSON.stringify(index));
  };

  beforeAll(async () => {
    path = brokenRepository(SAMPLES.find(({ language }) => language === 'python')!);
    teko = await (await TekoProcess.start()).signIn();
    repositoryId = (await teko.post('/repositories', { name: 'packaging', url: path })).id;
    await eventually(indexed);
    page = await signedInPage(await startBrowser(), teko, consoleErrors);
  });

  const open = () => page.goto(`${teko.url}/#/repositories/${repositoryId}/show`);
  const section = (title: string) =>
    page.locator('.MuiCard-root', { has: page.getByRole('heading', { name: title, exact: true }) }).last();

  it('code is searched by keyboard; a result shows location, symbol and reason, and the URL can be shared', async () => {
    await open();
    await page.getByLabel('Query').fill('how are names of projects normalised?');
    await page.keyboard.press('Enter');
    const result = page
      .getByRole('list', { name: 'Results' })
      .getByRole('listitem')
      .filter({ hasText: 'canonicalize_name' })
      .first();
    await result.getByText(/packaging\/utils\.py:\d+–\d+/).waitFor();
    expect(await result.getByText(/^words: .*name/).count()).toBeGreaterThan(0);
    const url = page.url();
    await page.goto('about:blank');
    await page.goto(url);
    await result.waitFor();
    await page.getByLabel('Query').fill('zzqxv');
    await page.getByRole('search').getByRole('button', { name: 'Search' }).click();
    await page.getByText('No results. Try other words, a symbol name or a path.').waitFor();
    const again = page.waitForResponse(/\/api\/v1\/search$/);
    await page.getByRole('search').getByRole('button', { name: 'Search' }).click();
    expect((await again).status(), 'the same query can be repeated').toBe(200);
    const ticket = `Names of projects\n\n${'They are normalised in another way elsewhere. '.repeat(200)}`;
    const request = page.waitForRequest(/\/api\/v1\/search$/);
    await page.getByLabel('Query').fill(ticket);
    await page.getByRole('search').getByRole('button', { name: 'Search' }).click();
    expect((await request).postDataJSON(), 'a ticket keeps its line breaks').toMatchObject({ q: ticket.trim() });
    await result.waitFor();
  });

  it('code of all repositories is searched, and a result links to its repository', async () => {
    await page.getByRole('menuitem', { name: 'Code search' }).click();
    // The previous page has a query field too; wait for the next one.
    await page.locator('#react-admin-title', { hasText: 'Code search' }).waitFor();
    await page.getByLabel('Query').fill('`canonicalize_name`');
    await page.keyboard.press('Enter');
    const results = page.getByRole('list', { name: 'Results' });
    await results.getByText('symbol: canonicalize_name').first().waitFor();
    await results.getByRole('link', { name: 'packaging' }).first().click();
    await page.waitForURL(new RegExp(`repositories/${repositoryId}/show`));
    await page.goBack();
    await results.waitFor();
    await page.getByRole('menuitem', { name: 'Code search' }).click();
    await results.waitFor({ state: 'detached' });
    const query = page.getByLabel('Query');
    await eventually(async () => expect(await query.inputValue(), 'an empty query').toBe(''));
  });

  it('the profile, the code index and the commands are shown, and commands can be saved', async () => {
    await open();
    await section('Codebase')
      .getByText(/Python [\d.]+ %/)
      .waitFor();
    await section('Code index').getByText('ready').waitFor();
    expect(await section('Code index').innerText()).toMatch(/\d+ files in \d+ chunks/);
    await section('Modules').getByText('packaging', { exact: true }).waitFor();
    await section('Hot spots').getByText('packaging/utils.py').waitFor();
    const test = section('Commands').getByLabel('Test');
    await test.fill('python3 -m pytest -q');
    await section('Commands').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Commands saved.').waitFor();
    expect(await teko.get(`/repositories/${repositoryId}`)).toMatchObject({ testCommand: 'python3 -m pytest -q' });
  });

  it('a new commit updates the language history and the search index', async () => {
    const padding = Array.from({ length: 300 }, (_, n) => `export const rate${n} = () => ${n} * 1.5;\n`).join('');
    writeFileSync(
      join(path, 'shipping.js'),
      `export function parcelWeight(grams) {\n  return grams / 1000;\n}\n\n${padding}`,
    );
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', path, '-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args]);
    git('rm', '--quiet', '-r', 'packaging/utils.py');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'Ship');
    await open();
    await page.getByRole('button', { name: 'Run analysis' }).click();
    await section('Languages over time')
      .getByText(/JavaScript 0 % → \d/)
      .waitFor();
    await eventually(indexed);
    const { hits } = await teko.get<{ id: string; hits: { path: string }[] }>(
      `/repositories/${repositoryId}/search?q=${encodeURIComponent('parcelWeight canonicalize_name')}`,
    );
    expect(hits.map((hit) => hit.path)).toContain('shipping.js');
    expect(hits.map((hit) => hit.path)).not.toContain('packaging/utils.py');
    expect(consoleErrors).toEqual([]);
  });
});
