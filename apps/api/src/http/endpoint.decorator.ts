import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import { ApiCookieAuth, ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { Can, Public, type Permission } from '@teko/identity';
import { ProblemDto } from './problem.dto';

const MEANINGS: Record<number, string> = {
  401: 'Not signed in.',
  403: 'The permission or the CSRF token is missing.',
  404: 'No such row.',
  409: 'Does not fit with what is there.',
  422: 'The input is wrong; `errors` says what is wrong with each field.',
  503: 'Something Teko depends on does not answer.',
};

export interface EndpointOptions {
  summary: string;
  /** More than the summary says. */
  description?: string;
  /** The permission it needs; without one it is public. */
  can?: Permission;
  /** What it answers; `page` wraps it in `{data, total}`, `stream` means Server-Sent Events. */
  ok?: Type;
  shape?: 'one' | 'page' | 'stream';
  status?: number;
  errors?: number[];
  /** Changes something, so that it needs the CSRF header. */
  writes?: boolean;
}

function okSchema({ ok, shape = 'one' }: EndpointOptions) {
  if (!ok) return {};
  const one = { $ref: getSchemaPath(ok) };
  const schema =
    shape === 'page'
      ? {
          type: 'object',
          required: ['data', 'total'],
          properties: {
            data: { type: 'array', items: one },
            total: { type: 'number', description: 'Rows on all pages together.', example: 1 },
          },
        }
      : one;
  return { content: { [shape === 'stream' ? 'text/event-stream' : 'application/json']: { schema } } };
}

/** Everything an operation of the API says about itself: permission, status, answer and errors. */
export function Endpoint(options: EndpointOptions): MethodDecorator {
  const { summary, can, status = 200, errors = [], ok } = options;
  const permission = can ? `Needs the permission \`${can.join(' ')}\`.` : 'Public.';
  const refusals = can ? [401, 403] : [];
  const problem = { content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } } };
  return applyDecorators(
    can ? Can(...can) : Public(),
    HttpCode(status),
    ApiOperation({ summary, description: [options.description, permission].filter(Boolean).join(' ') }),
    ApiExtraModels(ProblemDto, ...(ok ? [ok] : [])),
    ApiResponse({ status, description: status === 204 ? 'Done.' : 'The answer.', ...okSchema(options) }),
    ...[...new Set([...refusals, ...errors])].map((code) =>
      ApiResponse({ status: code, description: MEANINGS[code] ?? 'Refused.', ...problem }),
    ),
    ...(can ? [ApiCookieAuth()] : []),
    ...(can && options.writes
      ? [ApiHeader({ name: 'X-CSRF-Token', required: true, description: 'The `csrfToken` of GET /api/v1/me.' })]
      : []),
  );
}
