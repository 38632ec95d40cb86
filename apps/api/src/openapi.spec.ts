import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildOpenApi } from './openapi';

it('is what apps/api/openapi.json says (UPDATE_OPENAPI=1 writes it)', async () => {
  const file = new URL('../openapi.json', import.meta.url);
  const text = `${JSON.stringify(await buildOpenApi(), null, 2)}\n`;
  if (process.env.UPDATE_OPENAPI) writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
