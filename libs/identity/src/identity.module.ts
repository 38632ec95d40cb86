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

/** Who calls and what they may do: the guard that stands before every route, and every way in. */
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
