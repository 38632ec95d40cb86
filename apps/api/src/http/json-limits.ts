import { BadRequestException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

const MAX_DEPTH = 32;
const MAX_VALUES = 50_000;

/** Rejects parsed bodies that later, recursive code could not handle. */
export function limitJson(request: Request, _response: Response, next: NextFunction): void {
  // Webhooks have raw bodies, which are checked after their signature.
  const error = Buffer.isBuffer(request.body) ? null : excessOf(request.body);
  next(error === null ? undefined : new BadRequestException(error));
}

/** Returns how a value exceeds the limits, or null. Does not recurse. */
function excessOf(body: unknown): string | null {
  let level: unknown[] = [body];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `The body is nested deeper than ${MAX_DEPTH} levels.`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      for (const child of Object.values(value)) next.push(child);
      values += Object.keys(value).length;
      if (values > MAX_VALUES) return `The body has more than ${MAX_VALUES} values.`;
    }
    level = next;
  }
  return null;
}
