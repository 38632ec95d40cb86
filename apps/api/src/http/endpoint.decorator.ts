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
  404: 'The resource does not exist.',
  413: 'The body is too large.',
  409: 'The request conflicts with the current state.',
  429: 'Too many requests; `Retry-After` contains the seconds to wait.',
  422: 'The input is invalid; `errors` contains a message for each field.',
  503: 'A service that Teko depends on is unavailable.',
};

const CONTENT_TYPE = {
  one: 'application/json',
  page: 'application/json',
  stream: 'text/event-stream',
  lines: 'application/x-ndjson',
};

export interface EndpointOptions {
  summary: string;
  /** Details that the summary does not mention. */
  description?: string;
  /** Required permission; without one the endpoint is public. */
  can?: [Action, Subject];
  /** Subject of the row with the id `:id`, or `own` for the caller's own data. */
  of?: RouteAccess['of'];
  /** Type of the response. The shape `page` wraps it in `{data, total}`, `stream` is Server-Sent Events, `lines` is one JSON object per line. */
  ok?: Type;
  shape?: keyof typeof CONTENT_TYPE;
  status?: number;
  errors?: number[];
  /** What a status means here, if the general description does not fit. */
  meanings?: Record<number, string>;
  /** Whether the endpoint requires the CSRF header. */
  writes?: boolean;
}

/** Describes the successful response: what the summary lists or gets, or else the name of the class. */
function okDescription({ summary, ok, shape = 'one', status }: EndpointOptions): string {
  if (status === 204) return 'Success, no content.';
  if (status === 302) return 'A redirect.';
  if (!ok) return 'Success.';
  const noun = nounOf(ok);
  if (shape === 'stream') return `A stream of ${noun}s.`;
  if (shape === 'lines') return `One ${noun} per line.`;
  const [, verb, object] = /^(List|Get) (?:an? |the )?(.+)$/.exec(summary) ?? [];
  if (verb === 'List' && shape === 'page') return `A page of ${object}.`;
  return `The ${object ?? noun}.`;
}

/** Returns the class name in words: `API token` for ApiTokenDto. */
function nounOf({ name }: Type): string {
  const words = name.replace(/Dto$/, '').replace(/(?<=.)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return (words.charAt(0).toLowerCase() + words.slice(1)).replace(/\bapi\b/, 'API').replace('sign in', 'sign-in');
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
            total: { type: 'number', description: 'Total number of rows.', example: 1 },
          },
        }
      : one;
  return { content: { [CONTENT_TYPE[shape]]: { schema } } };
}

/** Content of an error response. Each response needs its own object, because `addExamples` adds the example to it. */
function problemContent() {
  return { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } };
}

/** Declares an endpoint: permission, status, response and errors, for guards and the OpenAPI document. */
export function Endpoint(options: EndpointOptions): MethodDecorator {
  const { summary, can, status = 200, errors = [], meanings = {}, ok } = options;
  const permission = can ? `Requires the permission \`${can.join(':')}\`.` : 'Public.';
  const commonErrors = [
    ...(can ? [401, 403] : []),
    ...(errors.includes(422) && options.shape !== 'page' ? [400, 413] : []),
  ];
  return applyDecorators(
    can ? Can({ action: can[0], subject: can[1], of: options.of }) : Public(),
    HttpCode(status),
    ApiOperation({ summary, description: [options.description, permission].filter(Boolean).join(' ') }),
    ApiExtraModels(ProblemDto, ...(ok ? [ok] : [])),
    ApiResponse({ status, description: meanings[status] ?? okDescription(options), ...okSchema(options) }),
    ...[...new Set([...commonErrors, ...errors])].map((code) =>
      ApiResponse({
        status: code,
        description: meanings[code] ?? MEANINGS[code] ?? 'The request was rejected.',
        content: problemContent(),
      }),
    ),
    ...(can ? [ApiCookieAuth(), ApiBearerAuth()] : []),
    ...(can && options.writes
      ? [
          ApiHeader({
            name: 'X-CSRF-Token',
            required: false,
            description: 'The `csrfToken` of GET /api/v1/me. Required with a session cookie, not with an API token.',
          }),
        ]
      : []),
  );
}
