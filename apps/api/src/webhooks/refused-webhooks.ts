import type { NextFunction, Request, Response } from 'express';
import type { Metrics } from '../health/metrics.service';

const REASONS: Record<number, string> = { 401: 'signature', 404: 'not_set_up', 413: 'too_large', 422: 'invalid' };

/** Counts rejected webhooks, which are not stored. */
export function countRefusedWebhooks(metrics: Metrics) {
  return (request: Request, response: Response, next: NextFunction): void => {
    response.on('finish', () => {
      const { statusCode } = response;
      if (request.method === 'POST' && statusCode >= 400) metrics.webhookRefused(REASONS[statusCode] ?? 'error');
    });
    next();
  };
}
