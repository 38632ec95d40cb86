import { startModelServer, type ModelServer, type Script } from '@teko/testing';
import { beforeAll, beforeEach } from 'vitest';
import { onEnd, untilFileEnds } from './resources';
import { modelEnv } from './small-scenario';
import { TekoProcess } from './teko-process';

/** One Teko and its model for all tests of a file. */
export interface SharedTeko {
  readonly teko: TekoProcess;
  /** What was asked since the test began is in its `calls`. */
  readonly server: ModelServer;
  /** What the model does from now on, until the test ends. */
  useScript(script: Script): void;
  /** Ends Teko and starts it again on the same data. */
  restart(signal: NodeJS.Signals): Promise<TekoProcess>;
}

/**
 * Starts Teko before the tests of a file. Each test has a repository, a task and a script of its own, and ends with its runs over
 * or waiting, so that none meets what another left. A Teko that has died is replaced before the next test.
 */
export function sharedTeko(env: (server: ModelServer) => Record<string, string> = modelEnv): SharedTeko {
  let teko: TekoProcess;
  let server: ModelServer;
  let script: Script = [];
  const start = async (home?: string) =>
    (teko = await (await untilFileEnds(() => TekoProcess.start(env(server), home))).signIn());

  beforeAll(async () => {
    server = await startModelServer((request) =>
      typeof script === 'function'
        ? script(request)
        : (script[request.turn] ?? { text: 'The script has no more turns.' }),
    );
    onEnd(() => server.close());
    await start();
  });
  beforeEach(async () => {
    server.calls.length = 0;
    script = [];
    if (!teko.isRunning) await start();
  });

  return {
    get teko() {
      return teko;
    },
    get server() {
      return server;
    },
    useScript: (next) => (script = next),
    restart: async (signal) => {
      await teko.kill(signal);
      return start(teko.home);
    },
  };
}
