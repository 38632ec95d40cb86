import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { onEnd } from './resources';
import type { TekoProcess } from './teko-process';

/** Ends tests that hang; generous because the machine may be slow. */
const PAGE_TIMEOUT_MS = 60_000;

const OPTIONS = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  timeout: 120_000,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Starts Chromium, which is closed at the end of the test or file. */
export async function startBrowser(): Promise<Browser> {
  const starting = chromium.launch(OPTIONS);
  onEnd(async () => (await starting.catch(() => null))?.close());
  return starting;
}

/** Opens a new page. Console errors and uncaught exceptions are appended to `consoleErrors`. */
export async function newPage(browser: Browser, consoleErrors: string[] = [], height = 900): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height } });
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  page.on('console', (message) => message.type() === 'error' && consoleErrors.push(message.text()));
  page.on('pageerror', (error) => consoleErrors.push(error.message));
  return page;
}

/** Opens a new page with the session of `teko`. */
export async function signedInPage(
  browser: Browser,
  teko: TekoProcess,
  consoleErrors: string[],
  height?: number,
): Promise<Page> {
  const page = await newPage(browser, consoleErrors, height);
  const [name = '', value = ''] = teko.sessionCookie.split(/=(.*)/);
  await page.context().addCookies([{ name, value: value.split(';')[0]!, url: teko.url }]);
  return page;
}

/** Saves screenshots at these widths if TEKO_SCREENSHOTS names a folder. */
export async function screenshots(page: Page, name: string, widths: number[], height: number): Promise<void> {
  const folder = process.env.TEKO_SCREENSHOTS;
  if (!folder) return;
  for (const width of widths) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
  }
}
