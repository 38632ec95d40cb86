import { UnavailableError } from '@teko/domain';
import type { Octokit } from 'octokit';
import { Clients, type TokenSource } from './client';
import { githubFetch } from './fetch';
import { Installations } from './installations';
import { apiUrlOf, kindOf, pemOf, type GithubSettings } from './settings';

/** Provides octokit clients, each of which sends a valid token for its repository with every attempt. */
export class Access {
  readonly kind: 'app' | 'token' | null;
  /** The error in the settings, or null if they are valid. All members below throw it. */
  readonly error: UnavailableError | null;
  readonly fetch = githubFetch();
  /** Client without a token, for public data. */
  readonly anonymous: Octokit;
  private readonly clients: Clients;
  private readonly clientsByName = new Map<string, Octokit>();
  private readonly asApp: { octokit: Octokit; installations: Installations } | null;

  constructor(private readonly settings: GithubSettings) {
    const now = settings.now ?? Date.now;
    this.clients = new Clients(apiUrlOf(settings), this.fetch, now);
    this.anonymous = this.clients.client(fixed(null));
    this.kind = kindOf(settings);
    const pem = this.kind === 'app' ? pemOf(settings.privateKey!) : null;
    this.error = settingsError(this.kind, pem);
    const octokit = pem === null ? null : this.clients.app(settings.appId!, pem);
    this.asApp = octokit && { octokit, installations: new Installations(octokit, now) };
  }

  /** The App itself, which can read little more than its own registration; null with a token. */
  get app(): { octokit: Octokit; installations: Installations } | null {
    if (this.error) throw this.error;
    return this.asApp;
  }

  /** Client of the user who owns the token; null with an App. */
  get user(): Octokit | null {
    if (this.error) throw this.error;
    return this.asApp ? null : this.client('', fixed(this.settings.token!));
  }

  /** Returns a client with access to this repository. */
  forRepository(forgeName: string): Octokit {
    const { app } = this;
    return app ? this.client(forgeName.toLowerCase(), app.installations.tokensOfRepository(forgeName)) : this.user!;
  }

  /** Returns one client per installation of the App, or the user's client. */
  async all(): Promise<Octokit[]> {
    const { app } = this;
    if (!app) return [this.user!];
    const installations = await app.installations.all();
    return installations.map(({ id }) => this.client(`#${id}`, app.installations.tokensOfInstallation(id)));
  }

  /** Returns the token for git in this repository. A `rejected` token is not returned again if a new one can be created. */
  async tokenFor(forgeName: string, rejected?: string): Promise<string> {
    const { app } = this;
    if (!app) return this.settings.token!;
    if (rejected) await app.installations.discard(rejected);
    return app.installations.tokenFor(forgeName);
  }

  private client(name: string, source: TokenSource): Octokit {
    const client = this.clientsByName.get(name) ?? this.clients.client(source);
    this.clientsByName.set(name, client);
    return client;
  }
}

const fixed = (token: string | null): TokenSource => ({
  token: async () => token,
  onUnauthorized: async () => false,
  onNotFound: () => undefined,
});

function settingsError(kind: Access['kind'], pem: string | null): UnavailableError | null {
  if (kind === null)
    return new UnavailableError(
      'forge',
      'GitHub is not connected',
      'Set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY',
    );
  if (kind === 'token' || pem !== null) return null;
  return new UnavailableError(
    'forge',
    'GITHUB_APP_PRIVATE_KEY is not a private key',
    'Set it to the PEM file from GitHub, with \\n for line breaks, or to the file in base64',
  );
}
