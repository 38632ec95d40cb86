import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsOf } from './http/examples';
import { buildOpenApi } from './openapi';

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  nullable?: boolean;
}

it('matches apps/api/openapi.json (UPDATE_OPENAPI=1 rewrites it)', async () => {
  const file = new URL('../openapi.json', import.meta.url);
  const text = `${JSON.stringify(await buildOpenApi(), null, 2)}\n`;
  if (process.env.UPDATE_OPENAPI) writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

it('has a summary, the permission and examples for every operation', async () => {
  const document = (await buildOpenApi()) as OpenAPIObject;
  const operations = operationsOf(document);
  expect(operations.length).toBeGreaterThan(35);
  for (const operation of operations) {
    expect(operation).toMatchObject({
      summary: expect.stringMatching(/^[A-Z].{5,}/) as string,
      description: expect.stringMatching(/Requires the permission `\w+:\w+`\.|Public\./) as string,
    });
    const contents = [operation.requestBody, ...Object.values(operation.responses)].map((part) => part?.content ?? {});
    for (const media of contents.flatMap((content) => Object.values(content))) {
      expect(media.example, JSON.stringify(operation)).toBeDefined();
      expect(unexplained(media.example, media.schema), 'every required field has an example').toEqual([]);
    }
  }

  /** Returns the paths of required fields without an example, and of fields that are null although they cannot be. */
  function unexplained(example: unknown, schema: Schema | undefined, path = ''): string[] {
    if (example === null) return schema?.nullable ? [] : [path];
    const type = resolve(schema);
    if (type?.items) {
      const items = Array.isArray(example) ? example : [undefined];
      return items.flatMap((item, index) => unexplained(item, type.items, `${path}[${index}]`));
    }
    if (!type?.properties || typeof example === 'string') return example === undefined ? [path] : [];
    const fields = example as Record<string, unknown> | undefined;
    return Object.entries(type.properties)
      .filter(([name]) => type.required?.includes(name) || fields?.[name] !== undefined)
      .flatMap(([name, property]) => unexplained(fields?.[name], property, `${path}.${name}`));
  }

  function resolve(schema: Schema | undefined): Schema | undefined {
    const reference = schema?.$ref ?? schema?.allOf?.[0]?.$ref;
    return reference ? (document.components?.schemas?.[reference.split('/').at(-1)!] as Schema) : schema;
  }
});

it('has an example with the right status for every error', async () => {
  for (const { responses } of operationsOf((await buildOpenApi()) as OpenAPIObject)) {
    for (const [status, { description, content }] of Object.entries(responses)) {
      const example = content?.['application/problem+json']?.example;
      if (example) expect(example).toMatchObject({ status: Number(status), detail: description });
      expect(example !== undefined, 'only errors are problems').toBe(Number(status) >= 400);
    }
  }
});

it('describes every id in a path, and replaces general descriptions where they do not fit', async () => {
  const { paths } = (await buildOpenApi()) as OpenAPIObject;
  const described = Object.entries(paths).flatMap(([path, item]) =>
    operationsOf({ paths: { [path]: item } }).flatMap(({ parameters = [] }) =>
      parameters.filter((parameter) => parameter.in === 'path').map(({ description }) => [path, description]),
    ),
  );
  expect(described).toEqual(
    expect.arrayContaining([
      ['/api/v1/tasks/{id}/comments', 'ID of the task.'],
      ['/api/v1/repositories/{id}', 'ID of the repository.'],
      ['/api/v1/api-tokens/{id}', 'ID of the API token.'],
    ]),
  );
  expect(described.filter(([, description]) => !description)).toEqual([]);
  expect(paths['/webhooks/github']?.post?.responses).toMatchObject({
    401: { description: 'The signature is missing or wrong.' },
    404: { description: 'GITHUB_WEBHOOK_SECRET is not set.' },
  });
});
