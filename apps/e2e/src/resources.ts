import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';

type Release = () => unknown;

/** One resource that does not end must not keep the others. */
const RELEASE_TIMEOUT_MS = 120_000;
const HOOK_TIMEOUT_MS = 600_000;

/** What has to be closed, stopped or removed, the newest first. One that fails does not keep the others. */
export class Resources {
  private readonly releases: Release[] = [];

  add(release: Release): void {
    this.releases.push(release);
  }

  /** Releases everything that was added and not yet released; throws what went wrong. */
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
/** More than one only where tests of a file run side by side. */
let runningTests = 0;
let isForFile = false;
let hasFileEnded = false;

beforeEach(({ onTestFinished }) => {
  runningTests++;
  // Unlike an afterEach it also runs when another one throws.
  onTestFinished(async () => {
    if (--runningTests === 0) await ofTest.close();
  }, HOOK_TIMEOUT_MS);
});

afterAll(async () => {
  hasFileEnded = true;
  await ofFile.close();
}, HOOK_TIMEOUT_MS);

/**
 * Releases something when the test that runs now ends, or at the end of the file where none runs, as in `beforeAll`. Call it before
 * anything can fail. Throws in a test that goes on after its file has ended, as one that ran into its time limit does.
 */
export function onEnd(release: Release): void {
  if (hasFileEnded) {
    void withTimeout(release).catch(() => undefined);
    throw new Error('the tests of this file have ended: nothing can be started any more');
  }
  (runningTests > 0 && !isForFile ? ofTest : ofFile).add(release);
}

/** What `start` starts at once is kept until the end of the file, though a test runs now. */
export function untilFileEnds<T>(start: () => T): T {
  isForFile = true;
  try {
    return start();
  } finally {
    isForFile = false;
  }
}

/** Resources that can be closed before the end of the test or file, and are closed at it. */
export function ownResources(): Resources {
  const resources = new Resources();
  onEnd(() => resources.close());
  return resources;
}

/** An empty folder, removed at the end of the test or file; answers its path. */
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
