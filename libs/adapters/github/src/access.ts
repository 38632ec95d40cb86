import { UnavailableError } from '@teko/domain';
import type { Octokit } from 'octokit';
import { Clients, type TokenSource } from './client';
import { githubFetch } from './fetch';
import { Installations } from './installations';
import { apiUrlOf, kindOf, pemOf, type GithubSettings } from './settings';

/** Who may ask GitHub what: octokits that have the right token for a repository, at every try. */
export class Access {
  readonly kind: 'app' | 'token' | null;
  /** What is wrong with the settings; everything below throws it. */
  readonly fault: UnavailableError | null;
  readonly fetch = githubFetch();
  /** For what everybody may ask. */
  readonly anonymous: Octokit;
  private readonly clients: Clients;
  private readonly made = new Map<string, Octokit>();
  private readonly asApp: { octokit: Octokit; installations: Installations } | null;

  constructor(private readonly settings: GithubSettings) {
    const now = settings.now ?? Date.now;
    this.clients = new Clients(apiUrlOf(settings), this.fetch, now);
    this.anonymous = this.clients.client(fixed(null));
    this.kind = kindOf(settings);
    const pem = this.kind === 'app' ? pemOf(settings.privateKey!) : null;
    this.fault = faultOf(this.kind, pem);
    const octokit = pem === null ? null : this.clients.app(settings.appId!, pem);
    this.asApp = octokit && { octokit, installations: new Installations(octokit, now) };
  }

  /** As the App itself, which may do little more than ask about itself; null with a token. */
  get app(): { octokit: Octokit; installations: Installations } | null {
    if (this.fault) throw this.fault;
    return this.asApp;
  }

  /** As the person whose token it is; null as an App. */
  get user(): Octokit | null {
    if (this.fault) throw this.fault;
    return this.asApp ? null : this.client('', fixed(this.settings.token!));
  }

  /** With what it takes in this repository. */
  forRepository(forgeName: string): Octokit {
    const { app } = this;
    return app ? this.client(forgeName.toLowerCase(), app.installations.sourceFor(forgeName)) : this.user!;
  }

  /** One for each place where the App is installed, or the person's own. */
  async everywhere(): Promise<Octokit[]> {
    const { app } = this;
    if (!app) return [this.user!];
    const installations = await app.installations.all();
    return installations.map(({ id }) => this.client(`#${id}`, app.installations.sourceOf(id)));
  }

  /** The token for git in this repository; one that was `refused` is not given again where there can be another. */
  async tokenFor(forgeName: string, refused?: string): Promise<string> {
    const { app } = this;
    if (!app) return this.settings.token!;
    if (refused) await app.installations.forget(refused);
    return app.installations.tokenFor(forgeName);
  }

  private client(name: string, source: TokenSource): Octokit {
    const client = this.made.get(name) ?? this.clients.client(source);
    this.made.set(name, client);
    return client;
  }
}

const fixed = (token: string | null): TokenSource => ({
  token: async () => token,
  refused: async () => false,
  missed: () => undefined,
});

function faultOf(kind: Access['kind'], pem: string | null): UnavailableError | null {
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
    'Set it to the text of the PEM file that GitHub gave out, with \\n for line ends, or to the file in base64',
  );
}
