import { Inject, Injectable } from '@nestjs/common';
import type { User } from '@teko/domain';
import { SESSION_COOKIE, SessionService, type SignedIn } from '@teko/identity';
import { AuditLog } from '@teko/platform';
import type { CookieOptions, Request, Response } from 'express';

/** Creates sessions for all sign-in methods and records sign-ins in the audit log. */
@Injectable()
export class SignInService {
  constructor(
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(AuditLog) private readonly log: AuditLog,
  ) {}

  async byLink(token: string, request: Request, response: Response): Promise<SignedIn> {
    return this.start(await this.sessions.signInByLink(token, deviceOf(request)), 'link', request, response);
  }

  async as(user: User, method: string, request: Request, response: Response): Promise<SignedIn> {
    return this.start(await this.sessions.open(user, deviceOf(request)), method, request, response);
  }

  /** Records a refused sign-in. The input is not recorded because it can contain a password. */
  async refused(method: string, reason: string, request: Request): Promise<void> {
    const after = { way: method, reason };
    await this.log.record({ ...anonymousActor(request), action: 'sessions.refuse', subjectType: 'Session', after });
  }

  clearCookie(request: Request, response: Response): void {
    response.clearCookie(SESSION_COOKIE, cookieOptions(request));
  }

  /** Sets the session cookie. Ends the previous session of the browser to prevent session fixation. */
  private async start(signedIn: SignedIn, method: string, request: Request, response: Response): Promise<SignedIn> {
    const { session, secret, user } = signedIn;
    const previous = (request.cookies as Record<string, string | undefined>)[SESSION_COOKIE];
    if (previous) await this.sessions.endBySecret(previous);
    response.cookie(SESSION_COOKIE, secret, { ...cookieOptions(request), expires: session.expiresAt });
    await this.log.record({
      ...anonymousActor(request),
      actorId: user.id,
      actorName: user.name,
      action: 'sessions.create',
      subjectType: 'Session',
      subjectId: session.id,
      after: { way: method, userAgent: session.userAgent },
    });
    return signedIn;
  }
}

function deviceOf(request: Request) {
  return { userAgent: request.get('user-agent') ?? null, address: request.ip ?? null };
}

function anonymousActor(request: Request) {
  return { actorName: 'nobody', address: request.ip?.slice(0, 40) ?? null };
}

function cookieOptions(request: Request): CookieOptions {
  return { httpOnly: true, sameSite: 'lax', secure: Boolean(request.app.locals.secureCookies), path: '/' };
}
