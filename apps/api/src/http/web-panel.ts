import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';

const SERVER_PATHS = /^\/(api|auth|docs|docs-yaml|openapi\.json|healthz|readyz|metrics|queues|webhooks)(\/|$)/;

/** Serves the built panel with a fallback to index.html for its pages. Does nothing if the panel is not built. */
export function serveWebPanel(app: NestExpressApplication, webRoot: string): void {
  if (!existsSync(join(webRoot, 'index.html'))) return;
  app.useStaticAssets(webRoot, {
    setHeaders: (response, path) => {
      const immutable = /[\\/]assets[\\/]/.test(path.slice(webRoot.length));
      response.setHeader('Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const isPage = request.method === 'GET' && !SERVER_PATHS.test(request.path) && !/\.\w+$/.test(request.path);
    if (!isPage || !request.accepts('html')) return next();
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile('index.html', { root: webRoot });
  });
}
