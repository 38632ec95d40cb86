import { applyDecorators, Injectable, UseGuards, type ExecutionContext } from '@nestjs/common';
import { ApiResponse, getSchemaPath } from '@nestjs/swagger';
import {
  ThrottlerException,
  ThrottlerGuard,
  type ThrottlerLimitDetail,
  type ThrottlerModuleOptions,
} from '@nestjs/throttler';
import type { Response } from 'express';
import { ProblemDto } from './problem.dto';

const MINUTE = 60_000;

interface ThrottledRequest {
  ip?: string;
  body?: { email?: unknown };
}

const address = (request: Record<string, unknown>) => (request as ThrottledRequest).ip ?? 'unknown';
const account = (request: Record<string, unknown>) => {
  const email = (request as ThrottledRequest).body?.email;
  return typeof email === 'string' ? `account ${email.trim().toLowerCase()}` : address(request);
};

/** Limits per client address, and per account regardless of the address. */
export const THROTTLING: ThrottlerModuleOptions = {
  throttlers: [
    { name: 'address', ttl: MINUTE, limit: 30, getTracker: address },
    {
      name: 'account',
      ttl: 15 * MINUTE,
      limit: 10,
      getTracker: account,
      skipIf: (context: ExecutionContext) =>
        !('email' in (context.switchToHttp().getRequest<ThrottledRequest>().body ?? {})),
    },
  ],
  setHeaders: false,
};

/** Sets the standard `Retry-After` header. */
@Injectable()
class RetryAfterThrottlerGuard extends ThrottlerGuard {
  protected override throwThrottlingException(context: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    context.switchToHttp().getResponse<Response>().setHeader('Retry-After', detail.timeToBlockExpire);
    throw new ThrottlerException('Too many requests. Try again later.');
  }
}

/** Limits how often a route can be called. Place it below other `@UseGuards`, so that it runs before them. */
export function Throttled(): MethodDecorator {
  const content = { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } };
  return applyDecorators(
    UseGuards(RetryAfterThrottlerGuard),
    ApiResponse({
      status: 429,
      description: 'Too many requests; `Retry-After` contains the seconds to wait.',
      content,
    }),
  );
}
