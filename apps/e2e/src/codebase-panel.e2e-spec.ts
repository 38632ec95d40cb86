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
// One after the other: the last one changes the repository.
describe.skipIf(reason)(reason ?? 'the code of a repository in Chromium', { shuffle: false }, () => {
  let teko: TekoProcess;
  let page: Page;
  let path = '';
  let repositoryId = '';
  const complaints: string[] = [];

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
    page = await signedInPage(await startBrowser(), teko, complaints);
  });

  const open = () => page.goto(`${teko.url}/#/repositories/${repositoryId}/show`);
  const section = (title: string) =>
    page.locator('.MuiCard-root', { has: page.getByRole('heading', { name: title, exact: true }) }).last();

  it('is asked with the keyboard; a hit says where, what and why, and the address can be sent on', async () => {
    await open();
    await page.getByLabel('What do you look for?').fill('how are names of projects normalised?');
    await page.keyboard.press('Enter');
    const hit = page
      .getByRole('list', { name: 'Hits' })
      .getByRole('listitem')
      .filter({ hasText: 'canonicalize_name' })
      .first();
    await hit.getByText(/packaging\/utils\.py:\d+–\d+/).waitFor();
    expect(await hit.getByText(/^words: .*name/).count()).toBeGreaterThan(0);
    const address = page.url();
    await page.goto('about:blank');
    await page.goto(address);
    await hit.waitFor();
    await page.getByLabel('What do you look for?').fill('zzqxv');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('Nothing in the code has to do with this.').waitFor();
    const again = page.waitForResponse(/\/api\/v1\/search$/);
    await page.getByRole('button', { name: 'Ask' }).click();
    expect((await again).status(), 'the same question can be asked again').toBe(200);
    const ticket = `Names of projects\n\n${'They are normalised in another way elsewhere. '.repeat(200)}`;
    const asked = page.waitForRequest(/\/api\/v1\/search$/);
    await page.getByLabel('What do you look for?').fill(ticket);
    await page.getByRole('button', { name: 'Ask' }).click();
    expect((await asked).postDataJSON(), 'a ticket keeps its lines').toMatchObject({ q: ticket.trim() });
    await hit.waitFor();
  });

  it('is asked over all repositories, and a hit leads to its own', async () => {
    await page.getByRole('menuitem', { name: 'Search' }).click();
    // The page that is left stays until the next one is drawn, and has such a field too.
    await page.locator('#react-admin-title', { hasText: 'Search' }).waitFor();
    await page.getByLabel('What do you look for?').fill('`canonicalize_name`');
    await page.keyboard.press('Enter');
    const hits = page.getByRole('list', { name: 'Hits' });
    await hits.getByText('symbol: canonicalize_name').first().waitFor();
    await hits.getByRole('link', { name: 'packaging' }).first().click();
    await page.waitForURL(new RegExp(`repositories/${repositoryId}/show`));
    await page.goBack();
    await hits.waitFor();
    await page.getByRole('menuitem', { name: 'Search' }).click();
    await hits.waitFor({ state: 'detached' });
    const question = page.getByLabel('What do you look for?');
    await eventually(async () => expect(await question.inputValue(), 'a new question').toBe(''));
  });

  it('shows what it is made of, how far its memory is, and what proves a change', async () => {
    await open();
    await section('Codebase')
      .getByText(/Python [\d.]+ %/)
      .waitFor();
    await section('Memory').getByText('ready').waitFor();
    expect(await section('Memory').innerText()).toMatch(/\d+ files in \d+ pieces/);
    await section('Modules').getByText('packaging', { exact: true }).waitFor();
    await section('Hot spots').getByText('packaging/utils.py').waitFor();
    const test = section('Commands').getByLabel('Test');
    await test.fill('python3 -m pytest -q');
    await section('Commands').getByRole('button', { name: 'Save' }).click();
    await page.getByText('The commands are saved').waitFor();
    expect(await teko.get(`/repositories/${repositoryId}`)).toMatchObject({ testCommand: 'python3 -m pytest -q' });
  });

  it('follows a commit: languages over time, new lines found, old ones gone', async () => {
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
    await page.getByRole('button', { name: 'Analyse again' }).click();
    await section('Languages over time')
      .getByText(/JavaScript 0 % → \d/)
      .waitFor();
    await eventually(indexed);
    const { hits } = await teko.get<{ id: string; hits: { path: string }[] }>(
      `/repositories/${repositoryId}/search?q=${encodeURIComponent('parcelWeight canonicalize_name')}`,
    );
    expect(hits.map((hit) => hit.path)).toContain('shipping.js');
    expect(hits.map((hit) => hit.path)).not.toContain('packaging/utils.py');
    expect(complaints).toEqual([]);
  });
});
