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

interface Asked {
  ip?: string;
  body?: { email?: unknown };
}

const address = (request: Record<string, unknown>) => (request as Asked).ip ?? 'unknown';
const account = (request: Record<string, unknown>) => {
  const email = (request as Asked).body?.email;
  return typeof email === 'string' ? `account ${email.trim().toLowerCase()}` : address(request);
};

/** Tries from one address, and tries on one account from anywhere. */
export const THROTTLING: ThrottlerModuleOptions = {
  throttlers: [
    { name: 'address', ttl: MINUTE, limit: 30, getTracker: address },
    {
      name: 'account',
      ttl: 15 * MINUTE,
      limit: 10,
      getTracker: account,
      skipIf: (context: ExecutionContext) => !('email' in (context.switchToHttp().getRequest<Asked>().body ?? {})),
    },
  ],
  setHeaders: false,
};

/** Says when to come back in the header that clients know. */
@Injectable()
class TriesGuard extends ThrottlerGuard {
  protected override throwThrottlingException(context: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    context.switchToHttp().getResponse<Response>().setHeader('Retry-After', detail.timeToBlockExpire);
    throw new ThrottlerException('Too many tries. Wait a while and try again.');
  }
}

/** A route that may only be called so often. Stands below other `@UseGuards`, so that it is asked before them. */
export function Throttled(): MethodDecorator {
  const content = { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } };
  return applyDecorators(
    UseGuards(TriesGuard),
    ApiResponse({ status: 429, description: 'Too many tries; `Retry-After` says when to come back.', content }),
  );
}
