import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';

type Document = Pick<OpenAPIObject, 'paths' | 'components'>;
type Schema = Record<string, unknown> & { $ref?: string; items?: Schema; properties?: Record<string, Schema> };
interface Media {
  schema?: Schema;
  example?: unknown;
}
interface Operation {
  parameters?: { name: string; in: string; description?: string }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description?: string; content?: Record<string, Media> }>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const KIND: Record<string, string> = {
  400: 'request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'request',
  422: 'invalid',
  429: 'throttled',
  503: 'unavailable',
};

/** Adds a complete example to every request and response of the document, built from the examples of the fields. */
export function addExamples(document: Document): void {
  for (const operation of operationsOf(document)) {
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      media.example = exampleOf(document, media.schema);
    }
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      for (const [type, media] of Object.entries(content ?? {})) {
        media.example =
          type === 'application/problem+json'
            ? problem(status, description ?? '')
            : type === 'text/event-stream'
              ? event(exampleOf(document, media.schema))
              : exampleOf(document, media.schema);
      }
    }
  }
}

/** Returns all operations of the document. */
export function operationsOf({ paths }: Pick<Document, 'paths'>): Operation[] {
  return Object.values(paths).flatMap((path) =>
    METHODS.flatMap((method) => (path[method] ? [path[method] as unknown as Operation] : [])),
  );
}

function exampleOf(document: Document, schema: Schema | undefined): unknown {
  if (!schema) return undefined;
  if (schema.example !== undefined) return schema.example;
  if (schema.$ref) return exampleOf(document, schemaOf(document, schema.$ref));
  const [part] = (schema.allOf ?? schema.oneOf ?? []) as Schema[];
  if (part) return exampleOf(document, part);
  if (schema.items) return [exampleOf(document, schema.items)];
  if (schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, value]) => [name, exampleOf(document, value)]),
    );
  }
  return schema.default;
}

function schemaOf({ components }: Document, reference: string): Schema | undefined {
  return components?.schemas?.[reference.split('/').at(-1)!] as Schema | undefined;
}

function problem(status: string, description: string) {
  return {
    type: `urn:teko:problem:${KIND[status] ?? 'internal'}`,
    title: STATUS_CODES[status],
    status: Number(status),
    detail: description,
    ...(status === '422' && { errors: { title: 'must describe what to do' } }),
  };
}

function event(data: unknown): string {
  const { id, type } = data as { id: number; type: string };
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
