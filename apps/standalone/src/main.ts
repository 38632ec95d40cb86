import 'reflect-metadata';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings, TEKO_SETTINGS } from '@teko/platform';
import { startTeko } from './start';

const here = dirname(fileURLToPath(import.meta.url));
const out = (line: string) => process.stdout.write(`${line}\n`);

/** One clear line for what an operator can mend; the setting's name comes first. */
function explain(error: unknown): string {
  const fault = error as NodeJS.ErrnoException & { port?: number };
  if (fault.code === 'EADDRINUSE')
    return `PORT: port ${fault.port} is in use; stop what uses it or set PORT to another one`;
  if (fault.code === 'EACCES' && fault.syscall === 'listen')
    return `PORT: no right to listen on port ${fault.port}; set PORT to one above 1023`;
  if (fault.code && ['EACCES', 'EROFS', 'ENOTDIR', 'EEXIST', 'EPERM'].includes(fault.code) && fault.path) {
    return `TEKO_HOME: ${fault.path} cannot be written (${fault.code}); set TEKO_HOME to a folder that can`;
  }
  return fault.message;
}

try {
  const settings = readSettings(TEKO_SETTINGS);
  const teko = await startTeko(settings, { web: join(here, '../../web/dist'), demo: join(here, '../demo') });
  out(`\n  Teko runs at ${teko.url}`);
  out(`  Sign in as admin (this link works once): ${teko.signInUrl}\n`);
  let closing = false;
  const stop = () => {
    if (closing) process.exit(130);
    closing = true;
    void teko.close().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}
