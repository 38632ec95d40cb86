import type { Page } from '@teko/contracts';
import type { Diagnosis, ForgeConnection, GitCredentials, ExternalUser, ExternalRepository } from '@teko/domain';
import type { Octokit } from 'octokit';
import type { Access } from './access';
import { diagnose } from './diagnosis';
import { recoverFrom } from './errors';
import { NotInstalledError } from './installations';
import { authorOf, repositoryOf } from './mapping';
import { forgeNameOf, repoOf } from './repository-name';
import { kindOf, webOriginOf, type GithubSettings } from './settings';

const CACHE_TTL_MS = 60_000;
const USER = 'x-access-token';

/** Connection to GitHub, as an App or with a token. Tokens are never exposed, except in the header of a single git command. */
export class GithubConnection implements ForgeConnection, GitCredentials {
  readonly kind: 'app' | 'token' | null;
  private readonly now: () => number;
  private loadedAccess: Promise<Access> | null = null;
  private cache: { until: number; repositories: Promise<ExternalRepository[]> } | null = null;
  private ownUser: ExternalUser | null = null;

  constructor(private readonly settings: GithubSettings) {
    this.kind = kindOf(settings);
    this.now = settings.now ?? Date.now;
  }

  /** Returns a client for calls about one repository. They throw domain errors; POST requests are sent once. */
  async forRepository({
    forgeName,
  }: {
    forgeName: string | null;
  }): Promise<{ github: Octokit; repo: { owner: string; repo: string } }> {
    const repo = repoOf({ forgeName });
    const access = await this.access();
    return { github: access.forRepository(`${repo.owner}/${repo.repo}`), repo };
  }

  async self(): Promise<ExternalUser> {
    return this.ownUser ?? this.findSelf();
  }

  async repositories(query: { q?: string; page: number; perPage: number }): Promise<Page<ExternalRepository>> {
    const q = query.q?.trim().toLowerCase() ?? '';
    const found = (await this.visible()).filter(({ forgeName, description }) =>
      `${forgeName}\n${description ?? ''}`.toLowerCase().includes(q),
    );
    const start = (query.page - 1) * query.perPage;
    return { data: found.slice(start, start + query.perPage), total: found.length };
  }

  /** GitHub redirects from earlier names of a repository. */
  async repository(forgeName: string): Promise<ExternalRepository | null> {
    const { github, repo } = await this.forRepository({ forgeName });
    const found = await github.rest.repos.get(repo).catch((error: unknown) => {
      if (error instanceof NotInstalledError) return null;
      return recoverFrom(['not_found'], null)(error);
    });
    return found && repositoryOf(found.data);
  }

  async diagnose(): Promise<Diagnosis[]> {
    return diagnose(await this.access(), this.settings);
  }

  async headerFor(url: string, rejected?: string): Promise<string | null> {
    if (this.kind === null) return null;
    const forgeName = forgeNameOf(url, webOriginOf(this.settings));
    if (forgeName === null) return null;
    const access = await this.access();
    const token = await access.tokenFor(forgeName, rejected && passwordIn(rejected)).catch((error: unknown) => {
      // Public repositories can be read without a token.
      if (error instanceof NotInstalledError) return null;
      throw error;
    });
    return token && `Basic ${Buffer.from(`${USER}:${token}`).toString('base64')}`;
  }

  /** Loads octokit at the first use of GitHub. */
  private access(): Promise<Access> {
    this.loadedAccess ??= import('./access').then((loaded) => new loaded.Access(this.settings));
    return this.loadedAccess;
  }

  private async findSelf(): Promise<ExternalUser> {
    const access = await this.access();
    const { app } = access;
    if (!app) return (this.ownUser = authorOf((await access.user!.rest.users.getAuthenticated()).data));
    const { data } = await app.octokit.rest.apps.getAuthenticated();
    const login = `${data!.slug}[bot]`;
    const [client = access.anonymous] = await access.all();
    const user = await client.rest.users.getByUsername({ username: login }).catch(recoverFrom(['not_found'], null));
    if (user) return (this.ownUser = authorOf(user.data));
    // An App has no bot account before its first action.
    return { id: `app:${data!.id}`, login, isBot: true };
  }

  private visible(): Promise<ExternalRepository[]> {
    if (this.cache && this.cache.until > this.now()) return this.cache.repositories;
    const repositories = this.findVisible();
    this.cache = { until: this.now() + CACHE_TTL_MS, repositories };
    repositories.catch(() => (this.cache = null));
    return repositories;
  }

  private async findVisible(): Promise<ExternalRepository[]> {
    const clients = await (await this.access()).all();
    const lists = await Promise.all(clients.map((github) => this.listOf(github)));
    const byId = new Map(lists.flat().map((repository) => [repository.forgeId, repository]));
    return [...byId.values()].sort((a, b) => a.forgeName.localeCompare(b.forgeName));
  }

  private async listOf(github: Octokit): Promise<ExternalRepository[]> {
    const found: unknown[] =
      this.kind === 'app'
        ? await github.paginate(github.rest.apps.listReposAccessibleToInstallation, { per_page: 100 })
        : await github.paginate(github.rest.repos.listForAuthenticatedUser, { per_page: 100 });
    return found.map(repositoryOf);
  }
}

function passwordIn(header: string): string {
  const decoded = Buffer.from(header.split(' ').at(-1) ?? '', 'base64').toString();
  return decoded.slice(decoded.indexOf(':') + 1);
}
