import { readFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { expect, it } from 'vitest';

it('the generated types of the panel match the OpenAPI document', async () => {
  const document = new URL('../apps/api/openapi.json', import.meta.url);
  const types = COMMENT_HEADER + astToString(await openapiTS(document));
  expect(readFileSync(new URL('../apps/web/src/generated/api.ts', import.meta.url), 'utf8') === types).toBe(true);
});
