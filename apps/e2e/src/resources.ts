import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';

type Release = () => unknown;

/** A resource that hangs must not block the others. */
const RELEASE_TIMEOUT_MS = 120_000;
const HOOK_TIMEOUT_MS = 600_000;

/** Resources to be released in reverse order. A failure does not prevent the release of the others. */
export class Resources {
  private readonly releases: Release[] = [];

  add(release: Release): void {
    this.releases.push(release);
  }

  /** Releases all resources that are not yet released. Throws the errors afterwards. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let release = this.releases.pop(); release; release = this.releases.pop()) {
      try {
        await withTimeout(release);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} resources could not be released`);
  }
}

const ofFile = new Resources();
const ofTest = new Resources();
/** More than one only with concurrent tests. */
let runningTests = 0;
let isForFile = false;
let hasFileEnded = false;

beforeEach(({ onTestFinished }) => {
  runningTests++;
  // Unlike an afterEach hook, this also runs if another hook throws.
  onTestFinished(async () => {
    if (--runningTests === 0) await ofTest.close();
  }, HOOK_TIMEOUT_MS);
});

afterAll(async () => {
  hasFileEnded = true;
  await ofFile.close();
}, HOOK_TIMEOUT_MS);

/**
 * Releases a resource at the end of the current test, or at the end of the file if no test is running, as in `beforeAll`. Call it before
 * anything can fail. Throws if the file has already ended, which a test that timed out can reach.
 */
export function onEnd(release: Release): void {
  if (hasFileEnded) {
    void withTimeout(release).catch(() => undefined);
    throw new Error('the tests of this file have ended: no resource can be added');
  }
  (runningTests > 0 && !isForFile ? ofTest : ofFile).add(release);
}

/** Resources added synchronously by `start` are released at the end of the file, even if a test is running. */
export function untilFileEnds<T>(start: () => T): T {
  isForFile = true;
  try {
    return start();
  } finally {
    isForFile = false;
  }
}

/** Returns resources that are closed at the end of the test or file, or before by `close`. */
export function ownResources(): Resources {
  const resources = new Resources();
  onEnd(() => resources.close());
  return resources;
}

/** Creates an empty folder, which is removed at the end of the test or file, and returns its path. */
export function temporaryFolder(purpose: string): string {
  const path = mkdtempSync(join(tmpdir(), `teko-${purpose}-`));
  onEnd(() => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  return path;
}

async function withTimeout(release: Release): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const message = `not released within ${RELEASE_TIMEOUT_MS / 1000} s: ${release.toString().slice(0, 200)}`;
    timer = setTimeout(() => reject(new Error(message)), RELEASE_TIMEOUT_MS);
  });
  try {
    await Promise.race([release(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
