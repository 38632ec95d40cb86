import { readdirSync, readFileSync } from 'node:fs';

/** A process on this machine; `command` is the program and its arguments. */
export interface RunningProcess {
  pid: number;
  command: string[];
}

/** Returns the processes with an argument that contains `mark`. Choose a mark that is unique to the test, such as a folder. */
export function processesWithArgument(mark: string): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.some((part) => part.includes(mark)));
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    // The process has just exited.
    return [];
  }
}
