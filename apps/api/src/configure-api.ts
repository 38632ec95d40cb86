import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import { TekoSettings } from '@teko/platform';
import cookieParser from 'cookie-parser';
import cookieSession from 'cookie-session';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { Metrics } from './health/metrics.service';
import { documentOf } from './http/document';
import { limitJson } from './http/json-limits';
import { requireKnownHost } from './http/known-hosts';
import { ProblemFilter } from './http/problem.filter';
import { requireSignIn } from './http/signed-in-paths';
import { validation } from './http/validation';
import { serveWebPanel } from './http/web-panel';
import { countRefusedWebhooks } from './webhooks/refused-webhooks';
import { webhookBody } from './webhooks/webhook-body';

const MAX_WEBHOOK_BYTES = 10 * 1024 * 1024;

export interface ApiOptions {
  /** Public base URL of the API. */
  url: string;
  /** Folder of the built panel. */
  webRoot?: string;
}

/** Sets up middleware, pipes, filters and docs of an application with ApiModule. Call it before `listen`; requires TEKO_SECRET. */
export async function configureApi(app: NestExpressApplication, { url, webRoot }: ApiOptions): Promise<void> {
  const https = url.startsWith('https:');
  const settings = app.get<TekoSettings>(TekoSettings, { strict: false });
  app.setLocal('secureCookies', https);
  app.disable('x-powered-by');
  app.use(helmet({ contentSecurityPolicy: contentSecurityPolicy(), strictTransportSecurity: https }));
  app.set('trust proxy', settings.TEKO_PROXIES);
  app.set('query parser', 'simple');
  app.use(requireKnownHost(settings));
  // Has to run before any body parser.
  app.use('/webhooks', countRefusedWebhooks(app.get(Metrics, { strict: false })), webhookBody(MAX_WEBHOOK_BYTES));
  app.use('/api', (_request: Request, response: Response, next: NextFunction) => {
    // Rows of one user must not be stored in a shared cache.
    response.setHeader('Cache-Control', 'private, no-cache');
    next();
  });
  app.use(cookieParser());
  app.use('/auth', handshakeCookie(settings.TEKO_SECRET!, https));
  app.useBodyParser('json', { limit: '1mb' });
  app.use(limitJson);
  requireSignIn(app, settings);
  app.useGlobalPipes(validation());
  app.useGlobalFilters(new ProblemFilter());
  // The document is built on the first request.
  SwaggerModule.setup('docs', app, () => documentOf(app), { jsonDocumentUrl: 'openapi.json' });
  if (webRoot) serveWebPanel(app, webRoot);
}

/** Signed cookie with the state of an OAuth sign-in: state, PKCE verifier, nonce, intent. */
function handshakeCookie(secret: string, secure: boolean) {
  const minutes = 10;
  return cookieSession({
    name: 'teko_handshake',
    keys: [secret],
    path: '/auth',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: minutes * 60_000,
  });
}

function contentSecurityPolicy() {
  return {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  };
}
