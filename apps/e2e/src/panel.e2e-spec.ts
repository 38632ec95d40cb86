import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { newPage, startBrowser } from './browser';
import { missingPackages } from './required-packages';
import { TekoProcess } from './teko-process';

const SCREENSHOTS = process.env.TEKO_SCREENSHOTS;

const reason = missingPackages('bubblewrap', 'chromium');
// In order: the last test removes the demo.
describe.skipIf(reason)(reason ?? 'the panel in Chromium, with the demo workspace', { shuffle: false }, () => {
  let teko: TekoProcess;
  let browser: Browser;
  let page: Page;
  let runId = '';
  let taskId = '';
  let repositoryId = '';
  let changeId = '';
  let insightId = '';
  let userId = '';
  let roleId = '';
  const consoleErrors: string[] = [];

  beforeAll(async () => {
    teko = await TekoProcess.start({ TEKO_DEMO: 'on' });
    browser = await startBrowser();
    page = await newPage(browser, consoleErrors);
    await page.goto(teko.signInUrl);
    await page.waitForURL((url) => !url.hash.includes('login'));
    // Ignore the 401 errors from before the sign-in.
    consoleErrors.length = 0;
    const cookies = await page.context().cookies();
    await teko.useSession(cookies.map(({ name, value }) => `${name}=${value}`).join('; '));
    const [task] = await teko.rows('/tasks');
    const run = await teko.finishedRun(task!.id);
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', outcome: 'gate_green', demo: true });
    runId = run.id;
    taskId = task!.id;
    repositoryId = String(run.repositoryId);
    changeId = (await teko.rows(`/changes?runId=${run.id}`))[0]!.id;
    insightId = (await teko.post('/insights', { repositoryId, kind: 'build', text: 'Run make first.' })).id;
    userId = (await teko.post('/users', { name: 'Grace', email: 'grace@example.org', roles: ['developer'] })).id;
    await teko.post('/budgets', { scope: 'installation', period: 'month', limitMicros: 25_000_000 });
    await teko.post('/repository-grants', { userId, repositoryId, role: 'viewer' });
    roleId = (await teko.rows('/roles?sort=name'))[0]!.id;
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
    ['search', '#/search'],
    ['insights', '#/insights'],
    ['insights-create', '#/insights/create'],
    ['insights-show', `#/insights/${insightId}/show`],
    ['insights-edit', `#/insights/${insightId}`],
    ['queue', '#/queue'],
    ['budgets', '#/budgets'],
    ['budgets-create', '#/budgets/create'],
    ['users', '#/users'],
    ['users-create', '#/users/create'],
    ['users-show', `#/users/${userId}/show`],
    ['users-edit', `#/users/${userId}`],
    ['roles', '#/roles'],
    ['roles-create', '#/roles/create'],
    ['roles-show', `#/roles/${roleId}/show`],
    ['audit-log-entries', '#/audit-log-entries'],
    ['connections', '#/connections'],
    ['webhook-events', '#/webhook-events'],
    ['profile', '#/profile'],
  ];

  it.each([1280, 390])('every screen fits %i px and logs no console errors', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    for (const [name, hash] of screens()) {
      await page.goto(`${teko.url}/${hash}`);
      await page.locator('main, #main-content').first().waitFor();
      await page.locator('[role="progressbar"]').first().waitFor({ state: 'hidden' });
      const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
      if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}.png`) });
      expect(overflow, `${name} is wider than the window`).toBeLessThanOrEqual(0);
      expect(await page.getByText('Something went wrong').count(), name).toBe(0);
    }
    expect(consoleErrors).toEqual([]);
  });

  it('shows a run with its steps, gate and diff, also after a reload', async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${teko.url}/#/runs/${runId}/show`);
    await page.getByText('edit_file').first().waitFor();
    await page.reload();
    await page.getByText('edit_file').first().waitFor();
    expect(await page.getByText(/gate[_ ]green/i).count()).toBeGreaterThan(0);
  });

  it('shows changes made before the event stream was open', async () => {
    let release = () => {};
    const blocked = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/api/v1/events', (route) => blocked.then(() => route.continue()));
    await page.goto('about:blank');
    await page.goto(`${teko.url}/#/insights/${insightId}/show`);
    await page.getByRole('heading', { name: 'Run make first.', level: 1 }).waitFor();
    await teko.patch(`/insights/${insightId}`, { text: 'Run make twice.' });
    release();
    await page.getByRole('heading', { name: 'Run make twice.', level: 1 }).waitFor();
    await page.unroute('**/api/v1/events');
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
    await page.getByLabel(/description/i).fill('A description');
    await page
      .getByLabel(/repository/i)
      .first()
      .click();
    await page.getByRole('option').first().click();
    await page.getByRole('button', { name: /save|create/i }).click();
    await page.getByText('Written in the browser').first().waitFor();
    expect((await teko.rows('/tasks?q=browser')).length).toBe(1);
  });

  it('creates a role, a user with that role, and a token that is shown once', async () => {
    await page.goto(`${teko.url}/#/roles/create`);
    await page.getByLabel(/name/i).fill('triage');
    await page.getByLabel('read Task').check();
    await page.getByLabel('update Task').check();
    await page.getByRole('button', { name: /save/i }).click();
    await page.waitForURL(/roles\/[^/]+\/show/);
    expect(await teko.rows('/roles?q=triage')).toMatchObject([{ permissions: ['read:Task', 'update:Task'] }]);

    await page.goto(`${teko.url}/#/users/create`);
    await page.getByLabel(/name/i).fill('Mary');
    await page.getByLabel(/roles/i).click();
    await page.getByRole('option', { name: 'triage' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /save/i }).click();
    await page.waitForURL(/users\/[^/]+\/show/);
    await page.getByRole('button', { name: 'Create sign-in link' }).click();
    await page.getByText(/#\/login\?token=/).waitFor();

    await page.goto(`${teko.url}/#/profile`);
    await page.getByRole('button', { name: /new token/i }).click();
    await page.getByLabel('Name').fill('scenario');
    await page.getByRole('button', { name: 'Create token' }).click();
    const secret = await page.getByLabel('Token', { exact: true }).inputValue();
    expect(secret).toMatch(/^teko_/);
    const headers = { authorization: `Bearer ${secret}` };
    expect((await fetch(`${teko.url}/api/v1/tasks`, { headers })).status).toBe(200);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No API tokens yet.').waitFor();
    expect((await fetch(`${teko.url}/api/v1/tasks`, { headers })).status).toBe(401);
  });

  it('shows viewers no action that the API would reject', async () => {
    const { id } = await teko.post('/users', { name: 'Vera', roles: ['viewer'] });
    const { url } = await teko.post<{ url: string }>(`/users/${id}/sign-in-links`);
    const other = await (await browser.newContext()).newPage();
    await other.goto(`${teko.url}/${new URL(url).hash}`);
    await other.waitForURL((at) => !at.hash.includes('login'));
    const actions =
      /^(new task|add repository|edit|delete|save|post comment|retry|continue|fork|replay|(cancel|mark as done|run again).*|request review|create sign-in link|close change|remove demo|run analysis|rebuild index|add insight)$/i;
    for (const hash of ['#/', '#/tasks', '#/repositories', `#/runs/${runId}/show`, `#/tasks/${taskId}/show`]) {
      await other.goto(`${teko.url}/${hash}`);
      await other.getByRole('menuitem', { name: 'Tasks' }).waitFor();
      await other.locator('[role="progressbar"]').first().waitFor({ state: 'hidden' });
      for (const role of ['button', 'link'] as const) {
        expect(await other.getByRole(role, { name: actions }).allInnerTexts(), hash).toEqual([]);
      }
    }
    expect(await other.getByRole('menuitem', { name: /users|roles|audit/i }).count()).toBe(0);
    const direct = await other.evaluate(async (task) => {
      const { csrfToken } = (await (await fetch('/api/v1/me')).json()) as { csrfToken: string };
      const headers = { 'x-csrf-token': csrfToken };
      return (await fetch(`/api/v1/tasks/${task}`, { method: 'DELETE', headers })).status;
    }, taskId);
    expect(direct).toBe(403);
    await other.context().close();
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
