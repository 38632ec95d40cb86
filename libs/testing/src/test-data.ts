import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Title of tests that are skipped because the optional test data is missing. CI accepts a skip with this title. */
export const NO_TEST_DATA = 'skipped: TEKO_TEST_DATA is not set';

/**
 * Returns the path of a file or folder of the optional test data in TEKO_TEST_DATA, or null if that is not set. Throws if the data does
 * not contain it.
 */
export function testData(path: string): string | null {
  const folder = process.env.TEKO_TEST_DATA;
  if (!folder) return null;
  const file = join(folder, path);
  if (!existsSync(file)) throw new Error(`TEKO_TEST_DATA: ${folder} has no ${path}`);
  return file;
}
