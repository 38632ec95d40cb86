import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { onEnd } from './resources';
import type { TekoProcess } from './teko-process';

/** Only ends a test that hangs. */
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

/** A Chromium, closed at the end of the test or file. */
export async function startBrowser(): Promise<Browser> {
  const starting = chromium.launch(OPTIONS);
  onEnd(async () => (await starting.catch(() => null))?.close());
  return starting;
}

/** A page of its own; what it says on the console is added to `complaints`. */
export async function newPage(browser: Browser, complaints: string[] = [], height = 900): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height } });
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return page;
}

/** A page that is signed in as `teko` is. */
export async function signedInPage(
  browser: Browser,
  teko: TekoProcess,
  complaints: string[],
  height?: number,
): Promise<Page> {
  const page = await newPage(browser, complaints, height);
  const [name = '', value = ''] = teko.sessionCookie.split(/=(.*)/);
  await page.context().addCookies([{ name, value: value.split(';')[0]!, url: teko.url }]);
  return page;
}

/** Keeps what the page looks like at these widths, where TEKO_SCREENSHOTS names a folder for it. */
export async function screenshots(page: Page, name: string, widths: number[], height: number): Promise<void> {
  const folder = process.env.TEKO_SCREENSHOTS;
  if (!folder) return;
  for (const width of widths) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
  }
}
