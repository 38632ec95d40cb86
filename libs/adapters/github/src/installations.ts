import { DomainError } from '@teko/domain';
import type { Octokit } from 'octokit';
import type { TokenSource } from './client';
import { REPEATABLE } from './repeatable';
import { unless } from './failure';
import { placeOf } from './place';

/** A token with less than this left is not begun with: what starts now may go on for a while. */
const EXPIRY_MARGIN_MS = 5 * 60_000;

interface Token {
  token: string;
  expiresAt: number;
}

/** The App may not look into this repository. */
export class NotInstalledError extends DomainError {
  constructor(forgeName: string) {
    super('forbidden', `the GitHub App is not installed on ${forgeName}; install it there`, { forgeName });
  }
}

/** Where the App is installed, and the tokens of its installations: minted when needed, and anew before they end. */
export class Installations {
  private readonly ofRepository = new Map<string, number>();
  private readonly tokens = new Map<number, Promise<Token>>();

  constructor(
    private readonly app: Octokit,
    private readonly now: () => number,
  ) {}

  /** Those that are in use, with what each of them may do. */
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

  /** A token for this repository. Throws NotInstalledError. */
  async tokenFor(forgeName: string): Promise<string> {
    const known = this.ofRepository.get(key(forgeName));
    if (known === undefined) return this.tokenOf(await this.find(forgeName));
    // The App may have been taken away and put on again since.
    const token = await this.tokenOf(known).catch(unless(['not_found'], null));
    if (token !== null) return token;
    this.forgetPlace(forgeName);
    return this.tokenOf(await this.find(forgeName));
  }

  async tokenOf(installation: number): Promise<string> {
    const kept = this.tokens.get(installation) ?? this.mint(installation);
    const { token, expiresAt } = await kept;
    if (expiresAt - this.now() >= EXPIRY_MARGIN_MS) return token;
    if (this.tokens.get(installation) === kept) this.tokens.delete(installation);
    return (await (this.tokens.get(installation) ?? this.mint(installation))).token;
  }

  /** This token is good no more, whatever it said of its end. */
  async forget(token: string): Promise<void> {
    for (const [installation, kept] of this.tokens)
      if ((await kept.catch(() => null))?.token === token && this.tokens.get(installation) === kept)
        this.tokens.delete(installation);
  }

  forgetPlace(forgeName: string): void {
    this.ofRepository.delete(key(forgeName));
  }

  sourceFor(forgeName: string): TokenSource {
    return {
      token: () => this.tokenFor(forgeName),
      refused: (token) => this.giveUp(token, () => this.forgetPlace(forgeName)),
      missed: () => this.forgetPlace(forgeName),
    };
  }

  sourceOf(installation: number): TokenSource {
    return {
      token: () => this.tokenOf(installation),
      refused: (token) => this.giveUp(token, () => undefined),
      missed: () => undefined,
    };
  }

  private async giveUp(token: string | null, more: () => void): Promise<boolean> {
    if (token) await this.forget(token);
    more();
    return token !== null;
  }

  private async find(forgeName: string): Promise<number> {
    const found = await this.app.rest.apps
      .getRepoInstallation(placeOf({ forgeName }))
      .catch(unless(['not_found'], null));
    if (!found) throw new NotInstalledError(forgeName);
    this.ofRepository.set(key(forgeName), found.data.id);
    return found.data.id;
  }

  private mint(installation: number): Promise<Token> {
    const minted = this.app.rest.apps
      .createInstallationAccessToken({ installation_id: installation, ...REPEATABLE })
      .then(({ data }) => ({ token: data.token, expiresAt: Date.parse(data.expires_at) }));
    this.tokens.set(installation, minted);
    minted.catch(() => this.tokens.get(installation) === minted && this.tokens.delete(installation));
    return minted;
  }
}

const key = (forgeName: string) => forgeName.toLowerCase();

/** A person's, an organisation's or an enterprise's. */
function nameOf(account: object | null): string | null {
  const { login, name } = { ...account } as { login?: string; name?: string };
  return login ?? name ?? null;
}
