import { createSign, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GithubCredentials } from './github-credentials';
import { EmulatorBackend } from './github-emulator-backend';
import { GithubFaults } from './github-faults';
import { issueRoutes, type Reaction } from './github-issue-routes';
import { split } from './github-git-sync';
import { otherRoutes } from './github-other-routes';
import { GithubUser } from './github-user';
import { GithubProxy } from './github-proxy';
import { pullRequestRoutes } from './github-pull-request-routes';
import { validateRequests, type Violation } from './github-openapi-validator';
import { BareRepositories } from './github-repositories';
import { GithubRequests } from './github-requests';
import { reviewRoutes } from './github-review-routes';
import { GithubWebhooks } from './github-webhooks';
import { GithubState, type AppIdentity } from './github-state';
import { ownResources } from './resources';

export type Role = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin';

/** What is on GitHub when the story begins. */
export interface GithubSetup {
  /** `owner/name`, and a local repository whose branches it begins with. Owners that are no users are organizations. */
  repositories: { name: string; path: string; private?: boolean; description?: string }[];
  /** HumanInput, with their role in every repository (`none`: strangers). A login that ends with `[bot]` is a program. */
  users: { login: string; role: Role; name?: string; email?: string }[];
  /** How Teko comes: as an app that is installed in all repositories (the default), or with a token of this login. */
  as?:
    | { app: { id?: number; slug?: string; permissions?: Record<string, string>; events?: string[] } }
    | { token: string };
}

/** A running GitHub: third-party emulator, real git, faults, referee. */
export interface Github {
  /** What Teko is told as GITHUB_API_URL; git and people use it too. */
  apiUrl: string;
  /** Settings of Teko for this GitHub. */
  env: Record<string, string>;
  /** Login as which Teko acts. */
  tekoLogin: string;
  /** Somebody of `users`. */
  as(login: string): GithubUser;
  webhooks: GithubWebhooks;
  faults: GithubFaults;
  requests: GithubRequests;
  /** What was reacted to, in order. */
  reactions: Reaction[];
  /** Folder of the bare repository that git serves. */
  git(repository: string): string;
  /** From now on every token that was minted so far is refused. */
  expireTokens(): void;
  /** What is wrong with the requests of REST that Teko sent until now. */
  validateRequests(): Promise<Violation[]>;
  /** Before the test or file ends, which closes it too. Throws what went wrong inside the emulator. */
  close(): Promise<void>;
}

const EVENTS = [
  ...['issues', 'issue_comment', 'label', 'pull_request', 'pull_request_review', 'pull_request_review_comment'],
  ...['check_run', 'check_suite', 'status', 'push', 'create', 'delete', 'repository'],
];
const PERMISSIONS = {
  ...{ metadata: 'read', contents: 'write', issues: 'write', pull_requests: 'write', checks: 'read', statuses: 'read' },
  ...{ actions: 'write', members: 'read' },
};
const EMULATED: Record<Role, string> = {
  ...{ none: '', read: 'pull', triage: 'triage', write: 'push', maintain: 'maintain', admin: 'admin' },
};

/** The stand-in's own, for each owner: the emulator lets a token ask 5,000 times. */
const SPARE_TOKENS = 20;

/** Starts it; Teko is told `env`, and `webhooks.deliverTo` where Teko listens. */
export async function startGithub(setup: GithubSetup): Promise<Github> {
  const resources = ownResources();
  const proxy = await GithubProxy.start();
  resources.add(() => proxy.close());
  const folder = mkdtempSync(join(tmpdir(), 'teko-github-'));
  resources.add(() => rm(folder, { recursive: true, force: true }));
  const secret = randomBytes(20).toString('hex');
  const repositories = new BareRepositories(folder);
  for (const { name, path } of setup.repositories) await repositories.add(name, path);

  const own = setup.as && 'token' in setup.as ? { token: `github_pat_${word()}`, login: setup.as.token } : null;
  const asked = setup.as && 'app' in setup.as ? setup.as.app : {};
  const owners = [...new Set(setup.repositories.map(({ name }) => split(name)[0]))];
  const app: AppIdentity | null = own
    ? null
    : {
        id: asked.id ?? 4711,
        slug: asked.slug ?? 'teko',
        installations: new Map(owners.map((owner, at) => [owner, 9001 + at])),
      };
  const events = asked.events ?? EVENTS;
  const people = new Map(setup.users.map(({ login }) => [`ghp_${word()}`, login]));
  const emulator = await startEmulator(setup, { proxy, repositories, secret, own, app, asked, people, owners, events });
  resources.add(() => emulator.close());

  const tekoLogin = own?.login ?? `${app?.slug}[bot]`;
  const credentials = new GithubCredentials(people, own, tekoLogin);
  const target = app ? { id: app.id, type: 'integration' as const } : { id: 1, type: 'repository' as const };
  const webhooks = new GithubWebhooks(secret, events, target);
  resources.add(() => webhooks.settled());
  const state = new GithubState(proxy.origin, emulator, repositories, credentials, webhooks, app);
  const [faults, requests] = [new GithubFaults(), new GithubRequests()];
  const reactions: Reaction[] = [];
  const routes = [
    ...issueRoutes(state, reactions),
    ...pullRequestRoutes(state),
    ...reviewRoutes(state),
    ...otherRoutes(state),
  ];
  proxy.serve({ state, routes, faults, requests });
  for (const { name } of setup.repositories) {
    await invite(setup, emulator, name, own?.login ?? null);
    await state.publishFirst(name);
    if (own) await hook(emulator, name, webhookUrlOf(proxy), secret, events);
  }
  if (app) await introduceBot(emulator, app, setup.repositories[0]?.name ?? '');

  return {
    apiUrl: proxy.origin,
    env: {
      GITHUB_API_URL: proxy.origin,
      GITHUB_WEBHOOK_SECRET: secret,
      ...(own
        ? { GITHUB_TOKEN: own.token }
        : { GITHUB_APP_ID: String(app?.id), GITHUB_APP_PRIVATE_KEY: emulator.privateKey }),
    },
    tekoLogin,
    as: (login) => {
      const token = [...people].find(([, name]) => name === login)?.[0];
      if (!token) throw new Error(`There is no ${login} on this GitHub: name them in users.`);
      return new GithubUser(login, token, proxy.origin, state.logs);
    },
    ...{ webhooks, faults, requests, reactions },
    git: (repository) => repositories.path(repository),
    expireTokens: () => credentials.expireAll(),
    validateRequests: () => validateRequests(requests.all),
    close: () => resources.close(),
  };
}

interface Parts {
  proxy: GithubProxy;
  repositories: BareRepositories;
  secret: string;
  own: { token: string; login: string } | null;
  app: AppIdentity | null;
  asked: { permissions?: Record<string, string> };
  people: Map<string, string>;
  owners: string[];
  events: string[];
}

/** `admin` is the emulator's own user; here it runs the organizations. */
async function startEmulator(setup: GithubSetup, parts: Parts): Promise<EmulatorBackend> {
  const { proxy, repositories, secret, own, app, asked, people, owners, events } = parts;
  const users = [...setup.users.map(({ role: _role, ...user }) => user), ...(own ? [{ login: own.login }] : [])];
  const isUser = (owner: string) => users.some(({ login }) => login === owner);
  const tokens = new Map([...people, ...(own ? ([[own.token, own.login]] as const) : [])]);
  const admins = new Map<string, string[]>();
  for (const owner of new Set([...owners, ...people.values()])) {
    const spare = Array.from({ length: SPARE_TOKENS }, () => `ghp_${word()}`);
    admins.set(owner, spare);
    for (const token of spare) tokens.set(token, isUser(owner) ? owner : 'admin');
  }
  const permissions = asked.permissions ?? PERMISSIONS;
  const installations = [...(app?.installations ?? [])].map(([account, installation_id]) => ({
    ...{ installation_id, account, permissions, events, repository_selection: 'selected' },
    repositories: setup.repositories.filter(({ name }) => name.startsWith(`${account}/`)).map(({ name }) => name),
  }));
  const webhook = { webhook_url: webhookUrlOf(proxy), webhook_secret: secret };
  const repos = setup.repositories.map(async ({ name, description, private: isPrivate }) => ({
    ...{ owner: split(name)[0], name: split(name)[1], description, private: isPrivate ?? false, auto_init: false },
    default_branch: await repositories.defaultBranch(name),
  }));
  const seed = {
    users,
    orgs: owners
      .filter((owner) => !isUser(owner))
      .map((login) => ({ login, members: [{ login: 'admin', role: 'admin' }] })),
    repos: await Promise.all(repos),
    apps: app ? [{ app_id: app.id, slug: app.slug, name: 'Teko', permissions, events, ...webhook, installations }] : [],
  };
  return EmulatorBackend.start({ seed, baseUrl: proxy.origin, webhookUrl: webhookUrlOf(proxy), admins, tokens });
}

async function invite(
  setup: GithubSetup,
  emulator: EmulatorBackend,
  name: string,
  token: string | null,
): Promise<void> {
  const [owner, repo] = split(name);
  const all = [...setup.users, ...(token ? [{ login: token, role: 'write' as const }] : [])];
  for (const { login: username, role } of all) {
    if (role === 'none' || username === owner) continue;
    await emulator.admin(name).rest.repos.addCollaborator({ owner, repo, username, permission: EMULATED[role] });
  }
}

async function hook(
  emulator: EmulatorBackend,
  name: string,
  url: string,
  secret: string,
  events: string[],
): Promise<void> {
  const [owner, repo] = split(name);
  const config = { url, secret, content_type: 'json' };
  await emulator.admin(name).rest.repos.createWebhook({ owner, repo, config, events });
}

/** The emulator makes the app's account when it first writes something. */
async function introduceBot(emulator: EmulatorBackend, app: AppIdentity, name: string): Promise<void> {
  const [owner, repo] = split(name);
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 1, exp: now + 60, iss: app.id })}`;
  const signature = createSign('RSA-SHA256').update(unsigned).sign(emulator.privateKey, 'base64url');
  const installation = { installation_id: app.installations.get(owner) ?? 0 };
  const asApp = emulator.client(`${unsigned}.${signature}`);
  const { data } = await asApp.rest.apps.createInstallationAccessToken(installation);
  await emulator.client(data.token).rest.git.createBlob({ owner, repo, content: '' });
}

/** Nothing listens there: the emulator's webhooks are caught on their way. */
function webhookUrlOf(proxy: GithubProxy): string {
  return `${proxy.origin}/_webhooks`;
}

function word(): string {
  return randomBytes(15).toString('hex');
}
