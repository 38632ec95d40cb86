import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Caches compiled code in `folder` for the next start. Applies only to modules imported afterwards. Does nothing before Node 22.1,
 * or if the folder is not writable.
 */
export function enableCompileCache(folder: URL): void {
  const node = module as { enableCompileCache?: (folder: string) => void };
  node.enableCompileCache?.(fileURLToPath(folder));
}
