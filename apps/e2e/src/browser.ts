import type { Browser, Page } from 'playwright-core';
import type { TekoProcess } from './teko-process';

/** How stories start Chromium. */
export const BROWSER = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
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

/** A page that is signed in as the story is; what it says on the console is added to `complaints`. */
export async function signedInPage(browser: Browser, teko: TekoProcess, complaints: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(15_000);
  const [name = '', value = ''] = teko.sessionCookie.split(/=(.*)/);
  await page.context().addCookies([{ name, value: value.split(';')[0]!, url: teko.url }]);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return page;
}
