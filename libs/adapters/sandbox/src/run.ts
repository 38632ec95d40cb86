import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SANDBOX_ENV } from './environment';

const execute = promisify(execFile);
const MAX_OUTPUT = 1024 * 1024;

/** Runs a program of the host with a clean environment and returns its standard output. Throws if it fails. */
export async function run(
  command: string,
  args: string[],
  options: { timeout?: number; cwd?: string } = {},
): Promise<string> {
  const { stdout } = await execute(command, args, {
    env: { PATH: SANDBOX_ENV.PATH },
    cwd: '/',
    maxBuffer: MAX_OUTPUT,
    ...options,
  });
  return stdout;
}
