import { Inject, Injectable, Logger, mixin, type CanActivate, type ExecutionContext, type Type } from '@nestjs/common';
import { AuthGuard as PassportGuard } from '@nestjs/passport';
import { NotFoundError, type AccountProvider } from '@teko/domain';
import { SignInRefused } from '../account.service';
import { OAuthProviders } from './providers.service';

/** Redirects to the login provider, or handles its callback. Sets `request.user` to the profile. */
export function ProviderGuard(provider: AccountProvider): Type<CanActivate> {
  @Injectable()
  class Guard extends PassportGuard(provider) {
    private readonly logger = new Logger('SignIn');

    constructor(@Inject(OAuthProviders) private readonly providers: OAuthProviders) {
      super();
    }

    override async canActivate(context: ExecutionContext): Promise<boolean> {
      if (!this.providers.available.includes(provider)) throw new NotFoundError('login provider', provider);
      await this.providers.prepare(provider).catch((error: Error) => {
        this.logger.warn(`${provider} does not respond: ${error.message}`);
        throw new SignInRefused('unavailable');
      });
      return (await super.canActivate(context)) as boolean;
    }

    override getAuthenticateOptions() {
      return { session: false };
    }

    override handleRequest<T>(error: unknown, profile: T | false): T {
      if (error || !profile) throw error instanceof SignInRefused ? error : new SignInRefused('failed');
      return profile;
    }
  }
  return mixin(Guard);
}
