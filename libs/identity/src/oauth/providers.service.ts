import { Inject, Injectable } from '@nestjs/common';
import type { AccountProvider } from '@teko/domain';
import { publicUrl, TekoSettings } from '@teko/platform';
import passport from 'passport';

/** The configured login providers. */
@Injectable()
export class OAuthProviders {
  private readonly ready = new Map<AccountProvider, Promise<void>>();

  constructor(@Inject(TekoSettings) private readonly settings: TekoSettings) {}

  get available(): AccountProvider[] {
    const { GITHUB_OAUTH_CLIENT_ID, GITHUB_OAUTH_CLIENT_SECRET, GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET } =
      this.settings;
    return [
      ...(GITHUB_OAUTH_CLIENT_ID && GITHUB_OAUTH_CLIENT_SECRET ? (['github'] as const) : []),
      ...(GOOGLE_CLIENT_ID && GOOGLE_CLIENT_SECRET ? (['google'] as const) : []),
    ];
  }

  /** Registers the provider with Passport. After a failure, the next sign-in tries again. */
  async prepare(provider: AccountProvider): Promise<void> {
    const known = this.ready.get(provider);
    if (known) return known;
    const preparing = this.strategyOf(provider).then((strategy) => void passport.use(provider, strategy));
    this.ready.set(provider, preparing);
    await preparing.catch((error: unknown) => {
      this.ready.delete(provider);
      throw error;
    });
  }

  /** Loads the client of a provider at the first sign-in with it. */
  private async strategyOf(provider: AccountProvider): Promise<passport.Strategy> {
    const callbackURL = `${publicUrl(this.settings)}/auth/${provider}/callback`;
    if (provider === 'github') {
      const { githubStrategy } = await import('./github.strategy');
      return githubStrategy(this.settings, callbackURL);
    }
    const { googleStrategy } = await import('./google.strategy');
    return googleStrategy(this.settings, callbackURL);
  }
}
