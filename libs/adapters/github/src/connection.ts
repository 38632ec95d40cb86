import type { Page } from '@teko/contracts';
import type { Diagnosis, ForgeConnection, GitCredentials, ExternalUser, ExternalRepository } from '@teko/domain';
import type { Octokit } from 'octokit';
import type { Access } from './access';
import { diagnose } from './diagnosis';
import { unless } from './failure';
import { NotInstalledError } from './installations';
import { authorOf, repositoryOf } from './mapping';
import { forgeNameOf, placeOf } from './place';
import { kindOf, webOriginOf, type GithubSettings } from './settings';

const CACHE_TTL_MS = 60_000;
const USER = 'x-access-token';

/** GitHub as an App or with a token. Tokens stay inside; git gets one for each command, in a header. */
export class GithubConnection implements ForgeConnection, GitCredentials {
  readonly kind: 'app' | 'token' | null;
  private readonly now: () => number;
  private opened: Promise<Access> | null = null;
  private list: { until: number; found: Promise<ExternalRepository[]> } | null = null;
  private me: ExternalUser | null = null;

  constructor(private readonly settings: GithubSettings) {
    this.kind = kindOf(settings);
    this.now = settings.now ?? Date.now;
  }

  /** For calls about one repository. What they throw is an error of the domain; POSTs are sent once. */
  async at({
    forgeName,
  }: {
    forgeName: string | null;
  }): Promise<{ github: Octokit; place: { owner: string; repo: string } }> {
    const place = placeOf({ forgeName });
    return { github: (await this.access()).forRepository(`${place.owner}/${place.repo}`), place };
  }

  async self(): Promise<ExternalUser> {
    return this.me ?? this.findSelf();
  }

  async repositories(query: { q?: string; page: number; perPage: number }): Promise<Page<ExternalRepository>> {
    const q = query.q?.trim().toLowerCase() ?? '';
    const found = (await this.visible()).filter(({ forgeName, description }) =>
      `${forgeName}\n${description ?? ''}`.toLowerCase().includes(q),
    );
    const start = (query.page - 1) * query.perPage;
    return { data: found.slice(start, start + query.perPage), total: found.length };
  }

  /** GitHub leads on from names that a repository had before. */
  async repository(forgeName: string): Promise<ExternalRepository | null> {
    const { github, place } = await this.at({ forgeName });
    const found = await github.rest.repos.get(place).catch((error: unknown) => {
      if (error instanceof NotInstalledError) return null;
      return unless(['not_found'], null)(error);
    });
    return found && repositoryOf(found.data);
  }

  async diagnose(): Promise<Diagnosis[]> {
    return diagnose(await this.access(), this.settings);
  }

  async headerFor(url: string, refused?: string): Promise<string | null> {
    if (this.kind === null) return null;
    const forgeName = forgeNameOf(url, webOriginOf(this.settings));
    if (forgeName === null) return null;
    const access = await this.access();
    const token = await access.tokenFor(forgeName, refused && passwordIn(refused)).catch((error: unknown) => {
      // Public repositories can be read without.
      if (error instanceof NotInstalledError) return null;
      throw error;
    });
    return token && `Basic ${Buffer.from(`${USER}:${token}`).toString('base64')}`;
  }

  /** Octokit is loaded when GitHub is first asked. */
  private access(): Promise<Access> {
    this.opened ??= import('./access').then((loaded) => new loaded.Access(this.settings));
    return this.opened;
  }

  private async findSelf(): Promise<ExternalUser> {
    const access = await this.access();
    const { app } = access;
    if (!app) return (this.me = authorOf((await access.user!.rest.users.getAuthenticated()).data));
    const { data } = await app.octokit.rest.apps.getAuthenticated();
    const login = `${data!.slug}[bot]`;
    const [anywhere = access.anonymous] = await access.everywhere();
    const user = await anywhere.rest.users.getByUsername({ username: login }).catch(unless(['not_found'], null));
    if (user) return (this.me = authorOf(user.data));
    // An App that never did anything has no account yet.
    return { id: `app:${data!.id}`, login, isBot: true };
  }

  private visible(): Promise<ExternalRepository[]> {
    if (this.list && this.list.until > this.now()) return this.list.found;
    const found = this.findVisible();
    this.list = { until: this.now() + CACHE_TTL_MS, found };
    found.catch(() => (this.list = null));
    return found;
  }

  private async findVisible(): Promise<ExternalRepository[]> {
    const places = await (await this.access()).everywhere();
    const lists = await Promise.all(places.map((github) => this.listOf(github)));
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
