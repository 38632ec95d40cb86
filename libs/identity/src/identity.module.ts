import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessReader } from '@teko/platform';
import { AccessService } from './access.service';
import { AccountService } from './account.service';
import { ApiTokenService } from './api-token.service';
import { AuthGuard } from './auth.guard';
import { OAuthProviders } from './oauth/providers.service';
import { PasswordService } from './password.service';
import { ProtectedRows } from './protected-rows.service';
import { RouteAccessCheck } from './route-access.check';
import { SessionService } from './session.service';

/** Authentication and authorization: the guard of all routes, and all sign-in methods. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    AccessReader,
    AccessService,
    AccountService,
    ApiTokenService,
    OAuthProviders,
    PasswordService,
    ProtectedRows,
    RouteAccessCheck,
    SessionService,
    { provide: APP_GUARD, useClass: AuthGuard },
  ],
  exports: [AccessService, AccountService, ApiTokenService, OAuthProviders, PasswordService, SessionService],
})
export class IdentityModule {}
