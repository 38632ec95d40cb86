import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { DomainError, InvalidError, type ErrorCode } from '@teko/domain';
import type { Response } from 'express';

const STATUS: Record<ErrorCode, number> = {
  not_found: 404,
  invalid: 422,
  conflict: 409,
  forbidden: 403,
  unauthenticated: 401,
  illegal_transition: 409,
  lease_lost: 409,
  unavailable: 503,
  internal: 500,
};

interface Problem {
  status: number;
  code: string;
  detail: string;
  extensions?: Record<string, unknown>;
}

/** Returns every error as problem+json. Unexpected errors are logged, and their details are not sent to the client. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { status, code, detail, extensions } = this.problemOf(error);
    if (response.headersSent) {
      response.end();
      return;
    }
    response
      .status(status)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          ...extensions,
          type: `urn:teko:problem:${code}`,
          title: STATUS_CODES[status],
          status,
          detail,
        }),
      );
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof InvalidError) {
      return { status: 422, code: 'invalid', detail: error.message, extensions: { errors: error.errors } };
    }
    if (error instanceof DomainError) {
      return { status: STATUS[error.code], code: error.code, detail: error.message, extensions: error.details };
    }
    const status = error instanceof HttpException ? error.getStatus() : clientStatus(error);
    if (status && status < 500) {
      return { status, code: status === 429 ? 'throttled' : 'request', detail: (error as Error).message };
    }
    this.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { status: 500, code: 'internal', detail: 'Internal error; see the log of Teko for details.' };
  }
}

/** Returns the client error status that the body parser attaches to its errors, or null. */
function clientStatus(error: unknown): number | null {
  const { status, expose } = error as { status?: unknown; expose?: unknown };
  return expose === true && typeof status === 'number' ? status : null;
}
