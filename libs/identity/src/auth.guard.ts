import { createHash, timingSafeEqual } from 'node:crypto';
import { createParamDecorator, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DomainError, NotFoundError } from '@teko/domain';
import { isAllowedOn } from './ability';
import { ACCESS, PUBLIC, type RouteAccess } from './access.decorator';
import { ApiTokenService } from './api-token.service';
import type { Identity } from './identity';
import { ProtectedRows, type ProtectedRow } from './protected-rows.service';
import { SessionService } from './session.service';

export const SESSION_COOKIE = 'teko_session';
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** The fields of a request that the guard reads and sets. */
export interface IdentifiedRequest {
  method: string;
  headers: Record<string, string | string[] | undefined>;
  cookies?: Record<string, string | undefined>;
  params: Record<string, string>;
  body?: unknown;
  identity?: Identity;
  /** The row of `:id`, as it was before the route ran. */
  protectedRow?: ProtectedRow;
}

/** Injects the caller into a controller method. */
export const CurrentIdentity = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<IdentifiedRequest>().identity;
});

/** Allows a request if its route is public, or if the caller has the permission of the route on the row of `:id`. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(ApiTokenService) private readonly apiTokens: ApiTokenService,
    @Inject(ProtectedRows) private readonly rows: ProtectedRows,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<IdentifiedRequest>();
    const identity = await this.identify(request);
    if (!identity) throw new DomainError('unauthenticated', 'Sign in first.');
    if (identity.session && !SAFE_METHODS.includes(request.method))
      requireCsrfToken(request, identity.session.csrfToken);
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ACCESS, targets);
    if (!access) throw new DomainError('forbidden', 'This route has no access rule.');
    await this.check(access, identity, request);
    request.identity = identity;
    return true;
  }

  private identify({ headers, cookies }: IdentifiedRequest): Promise<Identity | null> {
    const [scheme, token] = String(headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() === 'bearer' && token) return this.apiTokens.identify(token);
    const secret = cookies?.[SESSION_COOKIE];
    return typeof secret === 'string' && secret ? this.sessions.identify(secret) : Promise.resolve(null);
  }

  private async check({ action, subject, of }: RouteAccess, identity: Identity, request: IdentifiedRequest) {
    const { ability } = identity;
    if (of && of !== 'own') {
      const id = request.params.id!;
      const found = await this.rows.find(of, id);
      // A row that the caller cannot read looks like a missing one, so that its existence is not disclosed.
      if (!found || !isAllowedOn(ability, 'read', of, found.repositoryId)) {
        if (!ability.can('read', of)) throw forbidden(action, subject);
        throw new NotFoundError(of.toLowerCase(), id);
      }
      if (!isAllowedOn(ability, action, subject, found.repositoryId)) throw forbidden(action, subject);
      request.protectedRow = found;
      return;
    }
    const creates = request.method === 'POST' && of === undefined;
    const allowed = creates
      ? isAllowedOn(ability, action, subject, repositoryOf(request.body))
      : ability.can(action, subject);
    if (!allowed) throw forbidden(action, subject);
  }
}

/** Returns the repository of a row to create. The body is not validated yet. */
function repositoryOf(body: unknown): string | null {
  const id = typeof body === 'object' && body !== null && (body as { repositoryId?: unknown }).repositoryId;
  return typeof id === 'string' ? id : null;
}

function forbidden(action: string, subject: string): DomainError {
  return new DomainError('forbidden', `You are not allowed to ${action} this (${subject}).`);
}

function requireCsrfToken(request: IdentifiedRequest, expected: string): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (!timingSafeEqual(digest(String(request.headers['x-csrf-token'] ?? '')), digest(expected))) {
    throw new DomainError(
      'forbidden',
      'The X-CSRF-Token header is missing or invalid. Get the token from GET /api/v1/me.',
    );
  }
}
