import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsOf } from './http/examples';
import { buildOpenApi } from './openapi';

it('matches apps/api/openapi.json (UPDATE_OPENAPI=1 rewrites it)', async () => {
  const file = new URL('../openapi.json', import.meta.url);
  const text = `${JSON.stringify(await buildOpenApi(), null, 2)}\n`;
  if (process.env.UPDATE_OPENAPI) writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

it('has a summary, the permission and examples for every operation', async () => {
  const operations = operationsOf((await buildOpenApi()) as OpenAPIObject);
  expect(operations.length).toBeGreaterThan(35);
  for (const operation of operations) {
    expect(operation).toMatchObject({
      summary: expect.stringMatching(/^[A-Z].{5,}/) as string,
      description: expect.stringMatching(/Requires the permission `\w+ \w+`\.|Public\./) as string,
    });
    const contents = [operation.requestBody, ...Object.values(operation.responses)].map((part) => part?.content ?? {});
    for (const media of contents.flatMap((content) => Object.values(content))) {
      expect(media.example, JSON.stringify(operation)).toBeDefined();
      expect(JSON.stringify(media.example), 'every field has an example').not.toMatch(/undefined|:null\b.*:null\b/);
    }
  }
});
