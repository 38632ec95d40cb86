import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach } from 'vitest';

/** Checks whether a package is installed, by package name. */
const IS_INSTALLED: Record<string, () => boolean> = {
  bubblewrap: () => onPath('bwrap'),
  chromium: () => existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium'),
  openssl: () => onPath('openssl'),
  'python3-packaging': () => existsSync('/usr/lib/python3/dist-packages/packaging'),
  'python3-pytest': () => existsSync('/usr/lib/python3/dist-packages/_pytest'),
  phpunit: () => onPath('phpunit'),
  'redis-server': () => onPath('redis-server'),
};

/** Returns which of the packages are not installed, or null if all are. Throws in CI. */
export function missingPackages(...packages: string[]): string | null {
  const missing = packages.filter((name) => !IS_INSTALLED[name]!());
  if (missing.length === 0) return null;
  const reason = `not installed: ${missing.join(', ')}`;
  if (process.env.CI) throw new Error(reason);
  process.stderr.write(`End-to-end tests are skipped: ${reason}\n`);
  return reason;
}

/** Skips every test of the file if one of the packages is not installed. */
export function requirePackages(...packages: string[]): void {
  const reason = missingPackages(...packages);
  beforeEach(({ skip }) => skip(reason !== null, reason ?? ''));
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
