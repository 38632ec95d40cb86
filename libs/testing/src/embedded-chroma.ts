import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kept = fileURLToPath(new URL('../../../node_modules/.cache/teko/chroma-server', import.meta.url));

/** Lets the Chroma of this data folder be installed once for all tests, where this system needs another build of it. */
export function keepChroma(home: string): string {
  mkdirSync(kept, { recursive: true });
  symlinkSync(kept, join(home, 'chroma-server'), 'junction');
  return home;
}

/** Ids of the processes on this host that serve the Chroma of a data folder. */
export function chromaProcesses(home: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && argumentsOf(name).includes(join(home, 'chroma')))
    .map(Number);
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It has just ended.
    return [];
  }
}
