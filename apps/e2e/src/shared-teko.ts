import { startModelServer, type ModelServer, type Script } from '@teko/testing';
import { beforeAll, beforeEach } from 'vitest';
import { onEnd, untilFileEnds } from './resources';
import { modelEnv } from './small-scenario';
import { TekoProcess } from './teko-process';

/** One Teko and its model server for all tests of a file. */
export interface SharedTeko {
  readonly teko: TekoProcess;
  /** Its `calls` are the requests since the start of the test. */
  readonly server: ModelServer;
  /** Sets the script of the model until the end of the test. */
  useScript(script: Script): void;
  /** Stops Teko with a signal and starts it again on the same data. */
  restart(signal: NodeJS.Signals): Promise<TekoProcess>;
}

/**
 * Starts Teko before the tests of a file. Each test must use its own repository, task and script, and leave its runs finished or
 * waiting, so that tests are independent. A Teko that has exited is replaced before the next test.
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
