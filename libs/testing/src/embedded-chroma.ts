import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processesWithArgument } from './processes';

const kept = fileURLToPath(new URL('../../../node_modules/.cache/teko/chroma-server', import.meta.url));

/** Lets the Chroma of this data folder be installed once for all tests, where this system needs another build of it. */
export function shareChromaInstall(home: string): string {
  mkdirSync(kept, { recursive: true });
  symlinkSync(kept, join(home, 'chroma-server'), 'junction');
  return home;
}

/** Ids of the processes on this host that serve the Chroma of a data folder. */
export function chromaProcesses(home: string): number[] {
  const data = join(home, 'chroma');
  return processesWithArgument(data)
    .filter(({ command }) => command.includes(data))
    .map(({ pid }) => pid);
}
