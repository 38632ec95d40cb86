import { createSign, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GithubCredentials } from './github-credentials';
import { EmulatorBackend } from './github-emulator-backend';
import { GithubFaults } from './github-faults';
import { issueRoutes, type Reaction } from './github-issue-routes';
import { splitName } from './github-git-sync';
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

/** The state of GitHub at the start of a scenario. */
export interface GithubSetup {
  /** `name` is `owner/name`; the branches are copied from the local repository at `path`. Owners that are not users are organizations. */
  repositories: { name: string; path: string; private?: boolean; description?: string }[];
  /** Users with their role in every repository (`none`: no collaborator). A login that ends with `[bot]` is a bot. */
  users: { login: string; role: Role; name?: string; email?: string }[];
  /** How Teko authenticates: as an app installed in all repositories (the default), or with a token of this login. */
  as?:
    | { app: { id?: number; slug?: string; permissions?: Record<string, string>; events?: string[] } }
    | { token: string };
}

/** A running GitHub emulator: third-party REST emulator, real git, fault injection and OpenAPI validator. */
export interface Github {
  /** Value of GITHUB_API_URL; also used by git and by the users. */
  apiUrl: string;
  /** Settings with which Teko uses this emulator. */
  env: Record<string, string>;
  /** Teko's login. */
  tekoLogin: string;
  /** Returns one of `users`. Throws if the login is unknown. */
  as(login: string): GithubUser;
  webhooks: GithubWebhooks;
  faults: GithubFaults;
  requests: GithubRequests;
  /** Reactions in order of creation. */
  reactions: Reaction[];
  /** Returns the path of the bare repository that git serves. */
  git(repository: string): string;
  /** Revokes every installation token issued so far. */
  revokeTokens(): void;
  /** Validates Teko's REST requests so far against GitHub's OpenAPI description. Returns an empty list if all are valid. */
  validateRequests(): Promise<Violation[]>;
  /** Stops the emulator before the end of the test or file, at which it is stopped anyway. Throws its internal errors. */
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
const PERMISSION_OF_ROLE: Record<Role, string> = {
  ...{ none: '', read: 'pull', triage: 'triage', write: 'push', maintain: 'maintain', admin: 'admin' },
};

/** Admin tokens for each owner: the backend allows 5,000 requests per token. */
const ADMIN_TOKENS = 20;

/** Starts the emulator. Start Teko with its `env`, then pass Teko's webhook address to `webhooks.deliverTo`. */
export async function startGithub(setup: GithubSetup): Promise<Github> {
  const resources = ownResources();
  const proxy = await GithubProxy.start();
  resources.add(() => proxy.close());
  const folder = mkdtempSync(join(tmpdir(), 'teko-github-'));
  resources.add(() => rm(folder, { recursive: true, force: true }));
  const secret = randomBytes(20).toString('hex');
  const repositories = new BareRepositories(folder);
  for (const { name, path } of setup.repositories) await repositories.add(name, path);

  const own = setup.as && 'token' in setup.as ? { token: `github_pat_${randomToken()}`, login: setup.as.token } : null;
  const appSetup = setup.as && 'app' in setup.as ? setup.as.app : {};
  const owners = [...new Set(setup.repositories.map(({ name }) => splitName(name)[0]))];
  const app: AppIdentity | null = own
    ? null
    : {
        id: appSetup.id ?? 4711,
        slug: appSetup.slug ?? 'teko',
        installations: new Map(owners.map((owner, at) => [owner, 9001 + at])),
      };
  const events = appSetup.events ?? EVENTS;
  const userTokens = new Map(setup.users.map(({ login }) => [`ghp_${randomToken()}`, login]));
  const backend = await startBackend(setup, {
    proxy,
    repositories,
    secret,
    own,
    app,
    appSetup,
    userTokens,
    owners,
    events,
  });
  resources.add(() => backend.close());

  const tekoLogin = own?.login ?? `${app?.slug}[bot]`;
  const credentials = new GithubCredentials(userTokens, own, tekoLogin);
  const target = app ? { id: app.id, type: 'integration' as const } : { id: 1, type: 'repository' as const };
  const webhooks = new GithubWebhooks(secret, events, target);
  resources.add(() => webhooks.settled());
  const state = new GithubState(proxy.origin, backend, repositories, credentials, webhooks, app);
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
    await addCollaborators(setup, backend, name, own?.login ?? null);
    await state.importBranches(name);
    if (own) await createWebhook(backend, name, webhookUrlOf(proxy), secret, events);
  }
  if (app) await createBotUser(backend, app, setup.repositories[0]?.name ?? '');

  return {
    apiUrl: proxy.origin,
    env: {
      GITHUB_API_URL: proxy.origin,
      GITHUB_WEBHOOK_SECRET: secret,
      ...(own
        ? { GITHUB_TOKEN: own.token }
        : { GITHUB_APP_ID: String(app?.id), GITHUB_APP_PRIVATE_KEY: backend.privateKey }),
    },
    tekoLogin,
    as: (login) => {
      const token = [...userTokens].find(([, name]) => name === login)?.[0];
      if (!token) throw new Error(`The emulator has no user ${login}: add them to users.`);
      return new GithubUser(login, token, proxy.origin, state.logs);
    },
    ...{ webhooks, faults, requests, reactions },
    git: (repository) => repositories.path(repository),
    revokeTokens: () => credentials.revokeAll(),
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
  appSetup: { permissions?: Record<string, string> };
  userTokens: Map<string, string>;
  owners: string[];
  events: string[];
}

/** The predefined user `admin` of the backend administers the organizations. */
async function startBackend(setup: GithubSetup, parts: Parts): Promise<EmulatorBackend> {
  const { proxy, repositories, secret, own, app, appSetup, userTokens, owners, events } = parts;
  const accounts = [...setup.users.map(({ role: _role, ...user }) => user), ...(own ? [{ login: own.login }] : [])];
  const isUser = (owner: string) => accounts.some(({ login }) => login === owner);
  const tokens = new Map([...userTokens, ...(own ? ([[own.token, own.login]] as const) : [])]);
  const admins = new Map<string, string[]>();
  for (const owner of new Set([...owners, ...userTokens.values()])) {
    const spare = Array.from({ length: ADMIN_TOKENS }, () => `ghp_${randomToken()}`);
    admins.set(owner, spare);
    for (const token of spare) tokens.set(token, isUser(owner) ? owner : 'admin');
  }
  const permissions = appSetup.permissions ?? PERMISSIONS;
  const installations = [...(app?.installations ?? [])].map(([account, installation_id]) => ({
    ...{ installation_id, account, permissions, events, repository_selection: 'selected' },
    repositories: setup.repositories.filter(({ name }) => name.startsWith(`${account}/`)).map(({ name }) => name),
  }));
  const webhook = { webhook_url: webhookUrlOf(proxy), webhook_secret: secret };
  const repos = setup.repositories.map(async ({ name, description, private: isPrivate }) => ({
    ...{
      owner: splitName(name)[0],
      name: splitName(name)[1],
      description,
      private: isPrivate ?? false,
      auto_init: false,
    },
    default_branch: await repositories.defaultBranch(name),
  }));
  const seed = {
    users: accounts,
    orgs: owners
      .filter((owner) => !isUser(owner))
      .map((login) => ({ login, members: [{ login: 'admin', role: 'admin' }] })),
    repos: await Promise.all(repos),
    apps: app ? [{ app_id: app.id, slug: app.slug, name: 'Teko', permissions, events, ...webhook, installations }] : [],
  };
  return EmulatorBackend.start({ seed, baseUrl: proxy.origin, webhookUrl: webhookUrlOf(proxy), admins, tokens });
}

async function addCollaborators(
  setup: GithubSetup,
  backend: EmulatorBackend,
  name: string,
  token: string | null,
): Promise<void> {
  const [owner, repo] = splitName(name);
  const all = [...setup.users, ...(token ? [{ login: token, role: 'write' as const }] : [])];
  for (const { login: username, role } of all) {
    if (role === 'none' || username === owner) continue;
    await backend
      .admin(name)
      .rest.repos.addCollaborator({ owner, repo, username, permission: PERMISSION_OF_ROLE[role] });
  }
}

async function createWebhook(
  backend: EmulatorBackend,
  name: string,
  url: string,
  secret: string,
  events: string[],
): Promise<void> {
  const [owner, repo] = splitName(name);
  const config = { url, secret, content_type: 'json' };
  await backend.admin(name).rest.repos.createWebhook({ owner, repo, config, events });
}

/** Creates the app's bot user, which the backend does when the app first writes something. */
async function createBotUser(backend: EmulatorBackend, app: AppIdentity, name: string): Promise<void> {
  const [owner, repo] = splitName(name);
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 1, exp: now + 60, iss: app.id })}`;
  const signature = createSign('RSA-SHA256').update(unsigned).sign(backend.privateKey, 'base64url');
  const installation = { installation_id: app.installations.get(owner) ?? 0 };
  const asApp = backend.client(`${unsigned}.${signature}`);
  const { data } = await asApp.rest.apps.createInstallationAccessToken(installation);
  await backend.client(data.token).rest.git.createBlob({ owner, repo, content: '' });
}

/** Nothing listens at this address: the backend's webhooks are intercepted. */
function webhookUrlOf(proxy: GithubProxy): string {
  return `${proxy.origin}/_webhooks`;
}

function randomToken(): string {
  return randomBytes(15).toString('hex');
}
