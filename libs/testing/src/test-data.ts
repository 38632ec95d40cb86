import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Title of tests that are skipped because the optional data is not there. A skip with this title is no failure in CI. */
export const NO_TEST_DATA = 'skipped: TEKO_TEST_DATA is not set';

/**
 * The path of a file or folder of the optional test data, which is found through TEKO_TEST_DATA; null where that is not set. Throws if
 * the data lacks the file.
 */
export function testData(path: string): string | null {
  const folder = process.env.TEKO_TEST_DATA;
  if (!folder) return null;
  const found = join(folder, path);
  if (!existsSync(found)) throw new Error(`TEKO_TEST_DATA: ${folder} has no ${path}`);
  return found;
}
