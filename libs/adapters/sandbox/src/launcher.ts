import type { ChildProcess } from 'node:child_process';
import type { ExceededLimit } from '@teko/domain';

export interface CommandSpec {
  argv: string[];
  /** Relative to the workspace; never leads out of it. */
  cwd: string;
  env: Record<string, string>;
  /** Host folders by the name under which the command sees them. */
  mounts: Record<string, string>;
}

/** A started command. Its child's exit code and output are those of the command. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** Kills all processes of the command, daemons included. */
  kill(): void;
  /** Called when the child has ended: kills what is left of the command, and waits until it is gone. */
  clean(): Promise<void>;
  /** Called after `clean`: why the command never started (`not_found`: it does not exist), or null if it did. */
  failure(stderr: string): { reason: 'not_found' | 'sandbox'; message: string } | null;
}

/** Finds out whether the running commands of a session exceed a limit. */
export interface LimitProbe {
  /** Called several times a second while a command is running, and once more (`ended`) after a command has ended. */
  check(running: readonly RunningCommand[], ended: boolean): ExceededLimit | null | Promise<ExceededLimit | null>;
  /** Why the whole session must end, or null. */
  readonly fatal?: string | null;
}

/** Starts processes of one session. Each driver implements it; everything else is the same for all drivers. */
export interface Launcher {
  /** Path of the workspace as commands see it. */
  readonly cwd: string;
  readonly probes: LimitProbe[];
  start(command: CommandSpec): Promise<RunningCommand>;
  /** Starts the program that reads and writes files. It shares nothing with commands but the workspace. */
  startFileProgram(): { child: ChildProcess; kill(): void };
  /** Ends all processes of the session and deletes what belongs to it, except the workspace. */
  close(): Promise<void>;
}
