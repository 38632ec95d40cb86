import { freePort } from '@teko/testing';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './browser';
import { CLIENT, githubSignIn, openIdSignIn, type LoginProvider } from './login-providers';
import { missingPackages } from './required-packages';
import { TekoProcess } from './teko-process';

const reason = missingPackages('chromium');
// In order: users from earlier tests exist in later ones.
describe.skipIf(reason)(reason ?? 'sign-in through GitHub and Google, in Chromium', { shuffle: false }, () => {
  let teko: TekoProcess;
  let base: string;
  let github: LoginProvider;
  let google: LoginProvider;
  let browser: Browser;

  beforeAll(async () => {
    const port = await freePort();
    base = `http://localhost:${port}`;
    const users = [
      { login: 'ada', name: 'Ada', email: 'ada@acme.test' },
      { login: 'eve', name: 'Eve', email: 'eve@evil.test' },
      { login: 'olga', name: 'Olga', email: 'olga@home.test' },
      { login: 'root', name: 'Root', email: 'root@chief.test' },
    ];
    const orgs = [
      { login: 'Acme-Org', members: [{ login: 'olga', role: 'member' }] },
      { login: 'other-org', members: [{ login: 'eve', role: 'admin' }] },
    ];
    github = await githubSignIn(`${base}/auth/github/callback`, users, orgs);
    google = await openIdSignIn(`${base}/auth/google/callback`);
    teko = await (
      await TekoProcess.start({
        PORT: String(port),
        GITHUB_OAUTH_CLIENT_ID: CLIENT.id,
        GITHUB_OAUTH_CLIENT_SECRET: CLIENT.secret,
        GITHUB_OAUTH_URL: github.url,
        GITHUB_API_URL: github.url,
        GOOGLE_CLIENT_ID: CLIENT.id,
        GOOGLE_CLIENT_SECRET: CLIENT.secret,
        GOOGLE_ISSUER: google.url,
        TEKO_ALLOWED_DOMAINS: 'acme.test',
        TEKO_ALLOWED_ORGS: 'acme-org',
        TEKO_ADMIN_EMAILS: 'Root@chief.test',
      })
    ).signIn();
    browser = await startBrowser();
  });

  /** Opens a page in a new browser context. */
  async function freshPage(): Promise<Page> {
    return (await browser.newContext()).newPage();
  }

  async function signInAtGithub(page: Page, login: string): Promise<void> {
    await page.goto(`${base}/#/login`);
    await page.getByRole('link', { name: 'Continue with GitHub' }).click();
    await page.getByRole('button', { name: new RegExp(`^\\W*\\w?\\s*${login}`) }).click();
    await page.waitForURL(`${base}/**`);
  }

  async function signInAtGoogle(page: Page, email: string): Promise<void> {
    await page.goto(`${base}/#/login`);
    await page.getByRole('link', { name: 'Continue with Google' }).click();
    await confirmAtGoogle(page, email);
  }

  async function confirmAtGoogle(page: Page, email: string): Promise<void> {
    await page.locator('input[name=login]').fill(email);
    await page.locator('input[name=password]').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${base}/**`);
  }

  const me = (page: Page) =>
    page.evaluate(async () => {
      const response = await fetch('/api/v1/me');
      return response.ok
        ? ((await response.json()) as { user: { id: string; name: string; email: string; roles: string[] } }).user
        : null;
    });
  const signInError = async (page: Page) => {
    await page.getByRole('alert').waitFor();
    expect(await me(page)).toBeNull();
    return new URL(page.url()).hash.split('refused=')[1];
  };

  it('signs in through GitHub and Google if the address is verified and its domain is allowed', async () => {
    const [one, two, three] = [await freshPage(), await freshPage(), await freshPage()];
    await signInAtGithub(one, 'ada');
    await one.getByRole('menuitem', { name: 'Dashboard' }).waitFor();
    expect(await me(one)).toMatchObject({ name: 'Ada', email: 'ada@acme.test', roles: ['viewer'] });
    expect(await one.getByRole('menuitem', { name: 'Users' }).count()).toBe(0);
    await signInAtGoogle(two, 'bob@acme.test');
    expect(await me(two)).toMatchObject({ name: 'bob', roles: ['viewer'] });
    await signInAtGithub(three, 'root');
    expect(await me(three)).toMatchObject({ roles: ['admin'] });
    const [cookie] = (await one.context().cookies()).filter(({ name }) => name === 'teko_session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  });

  it('signs in members of an allowed GitHub organisation', async () => {
    const page = await freshPage();
    await signInAtGithub(page, 'olga');
    expect(await me(page)).toMatchObject({ name: 'Olga', email: 'olga@home.test' });
  });

  it('maps a linked account to the same user, and rejects another account with the same address', async () => {
    const page = await freshPage();
    await signInAtGithub(page, 'ada');
    const first = await me(page);
    const thief = await freshPage();
    await signInAtGoogle(thief, 'ada@acme.test');
    expect(await signInError(thief)).toBe('exists');
    // A signed-in user can link the account, and then sign in with it.
    await page.goto(`${base}/#/profile`);
    await page.getByRole('link', { name: 'Link Google' }).click();
    await confirmAtGoogle(page, 'ada@acme.test');
    await page.getByText('Google: ada@acme.test').waitFor();
    const back = await freshPage();
    await signInAtGoogle(back, 'ada@acme.test');
    expect((await me(back))!.id).toBe(first!.id);
  });

  it('rejects an unverified address, a domain that is not allowed and a disabled user', async () => {
    const [unverified, foreign, disabled] = [await freshPage(), await freshPage(), await freshPage()];
    await signInAtGoogle(unverified, 'unverified@acme.test');
    expect(await signInError(unverified)).toBe('unverified');
    await signInAtGithub(foreign, 'eve');
    expect(await signInError(foreign)).toBe('not_allowed');
    await foreign.getByText('You are not allowed to sign in.').waitFor();
    const [bob] = await teko.rows('/users?q=bob');
    await teko.patch(`/users/${bob!.id}`, { disabled: true });
    await signInAtGoogle(disabled, 'bob@acme.test');
    expect(await signInError(disabled)).toBe('disabled');
  });

  it.each(['github', 'google'])('rejects a wrong state and a replayed code of %s', async (provider) => {
    const page = await freshPage();
    const callbacks: string[] = [];
    page.on('request', (request) => request.url().includes('/callback?') && callbacks.push(request.url()));
    if (provider === 'github') await signInAtGithub(page, 'ada');
    else await signInAtGoogle(page, 'carol@acme.test');
    expect(await me(page)).not.toBeNull();
    const used = new URL(callbacks.find((url) => url.startsWith(base))!);

    const again = await fetch(used, { redirect: 'manual' });
    expect(again.headers.get('location')).toBe('/#/login?refused=failed');

    const begun = await handshake(provider);
    const forged = new URL(used);
    forged.searchParams.set('state', 'forged');
    expect(await returnTo(forged, begun.cookie)).toBe('/#/login?refused=failed');

    const { cookie, state } = await handshake(provider);
    const replayed = new URL(used);
    replayed.searchParams.set('state', state);
    expect(await returnTo(replayed, cookie)).toBe('/#/login?refused=failed');
  });

  it('redirects to the requested page, and never to another site', async () => {
    const page = await freshPage();
    await page.goto(`${base}/auth/github?next=/tasks`);
    await page.getByRole('button', { name: /ada/ }).click();
    await page.waitForURL(`${base}/#/tasks`);
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', '/%0d%0aLocation:evil']) {
      await page.goto(`${base}/auth/github?next=${next}`);
      await page.getByRole('button', { name: /ada/ }).click();
      await page.waitForURL(`${base}/#/`);
    }
  });

  it('never logs a client secret', async () => {
    const entries = JSON.stringify(await teko.rows('/audit-log-entries?perPage=200'));
    expect(entries).toContain('sessions.refuse');
    expect(entries + teko.output).not.toContain(CLIENT.secret);
  });

  async function handshake(provider: string): Promise<{ cookie: string; state: string }> {
    const response = await fetch(`${base}/auth/${provider}`, { redirect: 'manual' });
    const cookie = response.headers.getSetCookie().map((text) => text.split(';')[0]);
    return {
      cookie: cookie.join('; '),
      state: new URL(response.headers.get('location')!).searchParams.get('state')!,
    };
  }

  async function returnTo(url: URL, cookie: string): Promise<string | null> {
    return (await fetch(url, { redirect: 'manual', headers: { cookie } })).headers.get('location');
  }
});
