import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processesWithArgument } from './processes';

const sharedInstall = fileURLToPath(new URL('../../../node_modules/.cache/teko/chroma-server', import.meta.url));

/** Links a data folder to a Chroma install that all tests share, for systems that need a separate build. Returns the data folder. */
export function shareChromaInstall(home: string): string {
  mkdirSync(sharedInstall, { recursive: true });
  symlinkSync(sharedInstall, join(home, 'chroma-server'), 'junction');
  return home;
}

/** Returns the ids of the Chroma processes of a data folder. */
export function chromaProcesses(home: string): number[] {
  const data = join(home, 'chroma');
  return processesWithArgument(data)
    .filter(({ command }) => command.includes(data))
    .map(({ pid }) => pid);
}
