import { Inject, Injectable } from '@nestjs/common';
import type { User } from '@teko/domain';
import { SESSION_COOKIE, SessionService, type SignedIn } from '@teko/identity';
import { AuditLog } from '@teko/platform';
import type { CookieOptions, Request, Response } from 'express';

/** Gives a browser its session, whatever the way in. */
@Injectable()
export class SignInService {
  constructor(
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(AuditLog) private readonly log: AuditLog,
  ) {}

  async byLink(token: string, request: Request, response: Response): Promise<SignedIn> {
    return this.welcome(await this.sessions.signInByLink(token, deviceOf(request)), 'link', request, response);
  }

  async as(user: User, way: string, request: Request, response: Response): Promise<SignedIn> {
    return this.welcome(await this.sessions.open(user, deviceOf(request)), way, request, response);
  }

  /** Writes a refused sign-in down. What was typed may be a password, so it is left out. */
  async refused(way: string, reason: string, request: Request): Promise<void> {
    const after = { way, reason };
    await this.log.record({ ...visitor(request), action: 'sessions.refuse', subjectType: 'Session', after });
  }

  forget(request: Request, response: Response): void {
    response.clearCookie(SESSION_COOKIE, cookieOptions(request));
  }

  /** The session that the browser had before ends: a sign-in never goes on with a secret that was there. */
  private async welcome(signedIn: SignedIn, way: string, request: Request, response: Response): Promise<SignedIn> {
    const { session, secret, user } = signedIn;
    const earlier = (request.cookies as Record<string, string | undefined>)[SESSION_COOKIE];
    if (earlier) await this.sessions.endBySecret(earlier);
    response.cookie(SESSION_COOKIE, secret, { ...cookieOptions(request), expires: session.expiresAt });
    await this.log.record({
      ...visitor(request),
      actorId: user.id,
      actorName: user.name,
      action: 'sessions.create',
      subjectType: 'Session',
      subjectId: session.id,
      after: { way, userAgent: session.userAgent },
    });
    return signedIn;
  }
}

function deviceOf(request: Request) {
  return { userAgent: request.get('user-agent') ?? null, address: request.ip ?? null };
}

function visitor(request: Request) {
  return { actorName: 'nobody', address: request.ip?.slice(0, 40) ?? null };
}

function cookieOptions(request: Request): CookieOptions {
  return { httpOnly: true, sameSite: 'lax', secure: Boolean(request.app.locals.secureCookies), path: '/' };
}
