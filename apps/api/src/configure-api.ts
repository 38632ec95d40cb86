import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import cookieParser from 'cookie-parser';
import helmet from 'helmet';
import { documentOf } from './http/document';
import { ProblemFilter } from './http/problem.filter';
import { validation } from './http/validation';
import { serveWebPanel } from './http/web-panel';

export interface ApiOptions {
  /** How the outside reaches the API. */
  url: string;
  /** Folder of the built panel. */
  webRoot?: string;
}

/** Everything that an application with ApiModule needs before it listens. */
export async function configureApi(app: NestExpressApplication, { url, webRoot }: ApiOptions): Promise<void> {
  const https = url.startsWith('https:');
  app.setLocal('secureCookies', https);
  app.disable('x-powered-by');
  app.use(helmet({ contentSecurityPolicy: contentSecurityPolicy(), strictTransportSecurity: https }));
  app.use(cookieParser());
  app.useBodyParser('json', { limit: '1mb' });
  app.useGlobalPipes(validation());
  app.useGlobalFilters(new ProblemFilter());
  const document = documentOf(app);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json' });
  if (webRoot) serveWebPanel(app, webRoot);
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
