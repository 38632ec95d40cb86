import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { testData } from './test-data';

afterEach(() => vi.unstubAllEnvs());

it('returns the path in TEKO_TEST_DATA', () => {
  const folder = mkdtempSync(join(tmpdir(), 'data-'));
  mkdirSync(join(folder, 'webhooks'));
  vi.stubEnv('TEKO_TEST_DATA', folder);
  expect(testData('webhooks')).toBe(join(folder, 'webhooks'));
  expect(() => testData('missing.json')).toThrow(`TEKO_TEST_DATA: ${folder} has no missing.json`);
});

it('returns null if TEKO_TEST_DATA is not set', () => {
  vi.stubEnv('TEKO_TEST_DATA', undefined);
  expect(testData('webhooks')).toBeNull();
});
