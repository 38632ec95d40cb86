import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';

const SERVER_PATHS = /^\/(api|auth|docs|docs-yaml|openapi\.json|healthz|readyz|metrics|queues|webhooks)(\/|$)/;

/** Serves the panel's files; a page that is none of them is the panel itself. Nothing where it is not built. */
export function serveWebPanel(app: NestExpressApplication, webRoot: string): void {
  if (!existsSync(join(webRoot, 'index.html'))) return;
  app.useStaticAssets(webRoot, {
    setHeaders: (response, path) => {
      const fixed = /[\\/]assets[\\/]/.test(path.slice(webRoot.length));
      response.setHeader('Cache-Control', fixed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const page = request.method === 'GET' && !SERVER_PATHS.test(request.path) && !/\.\w+$/.test(request.path);
    if (!page || !request.accepts('html')) return next();
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile('index.html', { root: webRoot });
  });
}
