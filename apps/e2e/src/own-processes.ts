import { readdirSync, readFileSync } from 'node:fs';

/** The command lines of the processes on this host that name `mark`, which nothing but this test knows: a home, a random number. */
export function commandsNaming(mark: string): string[][] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(argumentsOf)
    .filter((command) => command.some((part) => part.includes(mark)));
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    // It has just ended.
    return [];
  }
}
