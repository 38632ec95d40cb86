import { createHash, timingSafeEqual } from 'node:crypto';
import { createParamDecorator, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DomainError } from '@teko/domain';
import { abilityFor } from './ability';
import { CAN, PUBLIC, type Permission } from './access.decorator';
import { SessionService, type Identity } from './session.service';

export const SESSION_COOKIE = 'teko_session';
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** What the guard reads of a request and leaves on it. */
export interface IdentifiedRequest {
  method: string;
  headers: Record<string, string | string[] | undefined>;
  cookies?: Record<string, string | undefined>;
  identity?: Identity;
}

/** The caller, as a parameter of a controller's method. */
export const CurrentIdentity = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<IdentifiedRequest>().identity;
});

/** Lets a request through if its route is public, or its session's user may do what the route says. Else refuses. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(SessionService) private readonly sessions: SessionService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<IdentifiedRequest>();
    const secret = request.cookies?.[SESSION_COOKIE];
    const identity = typeof secret === 'string' && secret ? await this.sessions.identify(secret) : null;
    if (!identity) throw new DomainError('unauthenticated', 'Sign in first.');
    if (!SAFE_METHODS.includes(request.method)) checkCsrf(request, identity);
    const permission = this.reflector.getAllAndOverride<Permission | undefined>(CAN, targets);
    if (!permission || !abilityFor(identity.user).can(...permission)) {
      throw new DomainError('forbidden', `Your role may not ${(permission ?? ['use', 'this']).join(' ')}.`);
    }
    request.identity = identity;
    return true;
  }
}

function checkCsrf(request: IdentifiedRequest, { session }: Identity): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (!timingSafeEqual(digest(String(request.headers['x-csrf-token'] ?? '')), digest(session.csrfToken))) {
    throw new DomainError('forbidden', 'The X-CSRF-Token header is missing or wrong; read it from GET /api/v1/me.');
  }
}
