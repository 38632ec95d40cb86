import { DomainError } from '@teko/domain';
import type { Octokit } from 'octokit';
import type { TokenSource } from './client';
import { IDEMPOTENT } from './idempotent';
import { recoverFrom } from './errors';
import { repoOf } from './repository-name';

/** Tokens that expire sooner are replaced, because an operation can take a while. */
const EXPIRY_MARGIN_MS = 5 * 60_000;

interface Token {
  token: string;
  expiresAt: number;
}

/** The App has no access to this repository. */
export class NotInstalledError extends DomainError {
  constructor(forgeName: string) {
    super('forbidden', `the GitHub App is not installed on ${forgeName}; install it there`, { forgeName });
  }
}

/** Finds the installations of the App, and creates their access tokens on demand and again before they expire. */
export class Installations {
  private readonly idByRepository = new Map<string, number>();
  private readonly tokens = new Map<number, Promise<Token>>();

  constructor(
    private readonly app: Octokit,
    private readonly now: () => number,
  ) {}

  /** Returns the installations that are not suspended, with their permissions. */
  async all(): Promise<{ id: number; account: string; permissions: Record<string, string> }[]> {
    const found = await this.app.paginate(this.app.rest.apps.listInstallations, { per_page: 100 });
    return found
      .filter(({ suspended_at }) => !suspended_at)
      .map(({ id, account, permissions }) => ({
        id,
        account: nameOf(account) ?? String(id),
        permissions: permissions as Record<string, string>,
      }));
  }

  /** Returns a token for this repository. Throws NotInstalledError. */
  async tokenFor(forgeName: string): Promise<string> {
    const known = this.idByRepository.get(key(forgeName));
    if (known === undefined) return this.tokenOf(await this.find(forgeName));
    // The App may have been reinstalled since.
    const token = await this.tokenOf(known).catch(recoverFrom(['not_found'], null));
    if (token !== null) return token;
    this.forgetRepository(forgeName);
    return this.tokenOf(await this.find(forgeName));
  }

  async tokenOf(installation: number): Promise<string> {
    const cached = this.tokens.get(installation) ?? this.createToken(installation);
    const { token, expiresAt } = await cached;
    if (expiresAt - this.now() >= EXPIRY_MARGIN_MS) return token;
    if (this.tokens.get(installation) === cached) this.tokens.delete(installation);
    return (await (this.tokens.get(installation) ?? this.createToken(installation))).token;
  }

  /** Removes a token that GitHub rejected from the cache. */
  async discard(token: string): Promise<void> {
    for (const [installation, cached] of this.tokens)
      if ((await cached.catch(() => null))?.token === token && this.tokens.get(installation) === cached)
        this.tokens.delete(installation);
  }

  forgetRepository(forgeName: string): void {
    this.idByRepository.delete(key(forgeName));
  }

  tokensOfRepository(forgeName: string): TokenSource {
    return {
      token: () => this.tokenFor(forgeName),
      onUnauthorized: async (token) => {
        const isReplaced = await this.discardIfAny(token);
        this.forgetRepository(forgeName);
        return isReplaced;
      },
      onNotFound: () => this.forgetRepository(forgeName),
    };
  }

  tokensOfInstallation(installation: number): TokenSource {
    return {
      token: () => this.tokenOf(installation),
      onUnauthorized: (token) => this.discardIfAny(token),
      onNotFound: () => undefined,
    };
  }

  private async discardIfAny(token: string | null): Promise<boolean> {
    if (token) await this.discard(token);
    return token !== null;
  }

  private async find(forgeName: string): Promise<number> {
    const found = await this.app.rest.apps
      .getRepoInstallation(repoOf({ forgeName }))
      .catch(recoverFrom(['not_found'], null));
    if (!found) throw new NotInstalledError(forgeName);
    this.idByRepository.set(key(forgeName), found.data.id);
    return found.data.id;
  }

  private createToken(installation: number): Promise<Token> {
    const created = this.app.rest.apps
      .createInstallationAccessToken({ installation_id: installation, ...IDEMPOTENT })
      .then(({ data }) => ({ token: data.token, expiresAt: Date.parse(data.expires_at) }));
    this.tokens.set(installation, created);
    created.catch(() => this.tokens.get(installation) === created && this.tokens.delete(installation));
    return created;
  }
}

const key = (forgeName: string) => forgeName.toLowerCase();

/** Users and organisations have a login, enterprises a name. */
function nameOf(account: object | null): string | null {
  const { login, name } = { ...account } as { login?: string; name?: string };
  return login ?? name ?? null;
}
