import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TekoProcess } from './teko-process';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SCREENSHOTS = process.env.TEKO_SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'teko-screens-'));

describe('the panel in Chromium, on the demo', () => {
  let teko: TekoProcess;
  let browser: Browser;
  let page: Page;
  let runId = '';
  let taskId = '';
  let repositoryId = '';
  let changeId = '';
  const complaints: string[] = [];

  beforeAll(async () => {
    teko = await TekoProcess.start({ TEKO_DEMO: 'on' });
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(teko.signInUrl);
    await page.waitForURL((url) => !url.hash.includes('login'));
    const cookies = await page.context().cookies();
    await teko.useSession(cookies.map(({ name, value }) => `${name}=${value}`).join('; '));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const [task] = await teko.rows('/tasks');
    const run = await teko.finishedRun(task!.id);
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', outcome: 'gate_green', demo: true });
    runId = run.id;
    taskId = task!.id;
    repositoryId = String(run.repositoryId);
    changeId = (await teko.rows(`/changes?runId=${run.id}`))[0]!.id;
  });
  afterAll(async () => {
    await browser?.close();
    await teko?.stop();
  });

  const screens = () => [
    ['dashboard', '#/'],
    ['repositories', '#/repositories'],
    ['repositories-create', '#/repositories/create'],
    ['tasks', '#/tasks'],
    ['tasks-create', '#/tasks/create'],
    ['runs', '#/runs'],
    ['runs-show', `#/runs/${runId}/show`],
    ['changes', '#/changes'],
    ['tasks-show', `#/tasks/${taskId}/show`],
    ['tasks-edit', `#/tasks/${taskId}`],
    ['repositories-show', `#/repositories/${repositoryId}/show`],
    ['repositories-edit', `#/repositories/${repositoryId}`],
    ['changes-show', `#/changes/${changeId}/show`],
  ];

  it.each([1280, 390])('every screen fits %i px and says nothing on the console', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    for (const [name, hash] of screens()) {
      await page.goto(`${teko.url}/${hash}`);
      await page.locator('main, #main-content').first().waitFor();
      await page.locator('[role="progressbar"]').first().waitFor({ state: 'hidden' });
      const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}.png`) });
      expect(overflow, `${name} is wider than the window`).toBeLessThanOrEqual(0);
      expect(await page.getByText('Something went wrong').count(), name).toBe(0);
    }
    expect(complaints).toEqual([]);
  });

  it('shows the run with its steps, gate and diff, also after a reload', async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${teko.url}/#/runs/${runId}/show`);
    await page.getByText('edit_file').first().waitFor();
    await page.reload();
    await page.getByText('edit_file').first().waitFor();
    expect(await page.getByText(/gate[_ ]green/i).count()).toBeGreaterThan(0);
  });

  it('reaches every action of a run by keyboard', async () => {
    await page.goto(`${teko.url}/#/runs/${runId}/show`);
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    await page.getByText('edit_file').first().waitFor();
    const reached = new Set<string>();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      reached.add(
        (
          await page
            .locator(':focus')
            .first()
            .innerText({ timeout: 1000 })
            .catch(() => '')
        )
          .split('\n')[0]!
          .trim(),
      );
    }
    for (const name of ['Tasks', 'Repositories', 'Remove demo', 'Retry'])
      expect([...reached].join('|').toLowerCase()).toContain(name.toLowerCase());
    expect([...reached].some((text) => text.includes('edit_file'))).toBe(true);
  });

  it('creates a task through the form', async () => {
    await page.goto(`${teko.url}/#/tasks/create`);
    await page.getByLabel(/title/i).fill('Written in the browser');
    await page.getByLabel(/description/i).fill('A story');
    await page
      .getByLabel(/repository/i)
      .first()
      .click();
    await page.getByRole('option').first().click();
    await page.getByRole('button', { name: /save|create/i }).click();
    await page.getByText('Written in the browser').first().waitFor();
    expect((await teko.rows('/tasks?q=browser')).length).toBe(1);
  });

  it('removes the demo with one click and a confirmation', async () => {
    await page.goto(`${teko.url}/#/`);
    await page.getByRole('button', { name: /remove demo/i }).click();
    await page
      .getByRole('button', { name: /confirm|remove/i })
      .last()
      .click();
    await page.getByRole('button', { name: /remove demo/i }).waitFor({ state: 'hidden' });
    expect(await teko.rows('/repositories')).toEqual([]);
  });
});
