import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AuthGuard } from './auth.guard';
import { RouteAccessCheck } from './route-access.check';
import { SessionService } from './session.service';

/** Sessions, and the guard that stands before every route of the application. */
@Module({
  imports: [DiscoveryModule],
  providers: [SessionService, RouteAccessCheck, { provide: APP_GUARD, useClass: AuthGuard }],
  exports: [SessionService],
})
export class IdentityModule {}
