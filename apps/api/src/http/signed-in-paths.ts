import type { NestExpressApplication } from '@nestjs/platform-express';
import { DomainError } from '@teko/domain';
import { ApiTokenService, SESSION_COOKIE, SessionService } from '@teko/identity';
import { isExposed, type TekoSettings } from '@teko/platform';
import type { NextFunction, Request, Response } from 'express';

const PATHS = {
  docs: ['/docs', '/docs-yaml', '/openapi.json'],
  metrics: ['/metrics'],
};

/**
 * Requires a session or an API token for the documentation and the metrics, unless TEKO_PUBLIC_ENDPOINTS opens them or only this
 * host can reach Teko. Call it after the cookies are parsed.
 */
export function requireSignIn(app: NestExpressApplication, settings: TekoSettings): void {
  const open = settings.TEKO_PUBLIC_ENDPOINTS ?? (isExposed(settings) ? [] : Object.keys(PATHS));
  const closed = Object.entries(PATHS).flatMap(([name, paths]) => (open.includes(name) ? [] : paths));
  if (closed.length === 0) return;
  const sessions = app.get(SessionService, { strict: false });
  const tokens = app.get(ApiTokenService, { strict: false });
  app.use(closed, async (request: Request, response: Response, next: NextFunction) => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    const secret = (request.cookies as Record<string, unknown> | undefined)?.[SESSION_COOKIE];
    try {
      const identity =
        scheme?.toLowerCase() === 'bearer' && token
          ? await tokens.identify(token)
          : typeof secret === 'string' && secret !== '' && (await sessions.identify(secret));
      response.setHeader('Cache-Control', 'private, no-cache');
      next(identity ? undefined : new DomainError('unauthenticated', 'Sign in first, or send an API token.'));
    } catch (error) {
      next(error);
    }
  });
}
