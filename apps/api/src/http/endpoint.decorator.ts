import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCookieAuth,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Action, Subject } from '@teko/contracts';
import { Can, Public, type RouteAccess } from '@teko/identity';
import { ProblemDto } from './problem.dto';

const MEANINGS: Record<number, string> = {
  400: 'The body is not JSON.',
  401: 'Not signed in.',
  403: 'The permission or the CSRF token is missing.',
  404: 'No such row.',
  413: 'The body is too large.',
  409: 'Does not fit with what is there.',
  429: 'Too many tries; `Retry-After` says when to come back.',
  422: 'The input is wrong; `errors` says what is wrong with each field.',
  503: 'Something Teko depends on does not answer.',
};

const CONTENT_TYPE = {
  one: 'application/json',
  page: 'application/json',
  stream: 'text/event-stream',
  lines: 'application/x-ndjson',
};

export interface EndpointOptions {
  summary: string;
  /** More than the summary says. */
  description?: string;
  /** The permission it needs; without one it is public. */
  can?: [Action, Subject];
  /** The noun that `:id` names, or `own`. */
  of?: RouteAccess['of'];
  /** What it answers; `page` wraps it in `{data, total}`, `stream` means Server-Sent Events, `lines` one JSON object a line. */
  ok?: Type;
  shape?: keyof typeof CONTENT_TYPE;
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
  return { content: { [CONTENT_TYPE[shape]]: { schema } } };
}

/** Everything an operation of the API says about itself: permission, status, answer and errors. */
export function Endpoint(options: EndpointOptions): MethodDecorator {
  const { summary, can, status = 200, errors = [], ok } = options;
  const permission = can ? `Needs the permission \`${can.join(' ')}\`.` : 'Public.';
  const refusals = [
    ...(can ? [401, 403] : []),
    ...(errors.includes(422) && options.shape !== 'page' ? [400, 413] : []),
  ];
  const problem = { content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } } };
  return applyDecorators(
    can ? Can({ action: can[0], subject: can[1], of: options.of }) : Public(),
    HttpCode(status),
    ApiOperation({ summary, description: [options.description, permission].filter(Boolean).join(' ') }),
    ApiExtraModels(ProblemDto, ...(ok ? [ok] : [])),
    ApiResponse({ status, description: status === 204 ? 'Done.' : 'The answer.', ...okSchema(options) }),
    ...[...new Set([...refusals, ...errors])].map((code) =>
      ApiResponse({ status: code, description: MEANINGS[code] ?? 'Refused.', ...problem }),
    ),
    ...(can ? [ApiCookieAuth(), ApiBearerAuth()] : []),
    ...(can && options.writes
      ? [
          ApiHeader({
            name: 'X-CSRF-Token',
            required: false,
            description: 'With a session: the `csrfToken` of GET /api/v1/me. Not needed with a token.',
          }),
        ]
      : []),
  );
}
