import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Keeps compiled code in `folder` for the next start. Sees only what is imported afterwards. Does nothing where Node cannot (before
 * 22.1) or the folder cannot be written.
 */
export function keepCompiled(folder: URL): void {
  const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => void };
  enableCompileCache?.(fileURLToPath(folder));
}
