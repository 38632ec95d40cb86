import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const START_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 2_000;
const CHECK_INTERVAL_MS = 100;
const CANNOT_LOAD = 3;

/**
 * What the child process runs. The server blocks its thread and hears no signal, so it gets a thread of its own; the main one
 * ends it all when the pipe to Teko closes: nothing is left over, however Teko ended.
 */
const CHILD = `
const end = () => process.kill(process.pid, 'SIGKILL');
process.stdin.on('end', end).on('error', end).resume();
const { Worker } = require('node:worker_threads');
const server = new Worker(
  "const { workerData: [binding, ...args] } = require('node:worker_threads'); require(binding).cli(['chroma', 'run', ...args]);",
  { eval: true, workerData: process.argv.slice(1) },
);
let code = 1;
server.on('error', (error) => {
  process.stderr.write(error.message);
  code = ${CANNOT_LOAD};
});
server.on('exit', () => process.exit(code));
`;

/** One run of Chroma's server in a process of its own, on a free port of this host alone. */
export class ChromaProcess {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Whether it is over because this system cannot load the binding. */
  cannotLoad = false;
  isOver = false;
  /** The last that it said. */
  said = '';

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {
    child.stdin?.on('error', () => undefined);
    child.stderr?.on('data', (chunk: Buffer) => (this.said = (this.said + chunk.toString()).slice(-400)));
    this.ended = new Promise((resolve) => {
      const over = (code: number | null) => {
        this.cannotLoad = code === CANNOT_LOAD;
        this.isOver = true;
        resolve();
      };
      child.once('error', (error) => {
        this.said = error.message;
        over(null);
      });
      child.once('close', over);
    });
  }

  static async start(binding: string, data: string): Promise<ChromaProcess> {
    const port = await freePort();
    const args = [binding, '--path', data, '--host', '127.0.0.1', '--port', String(port)];
    // No secret of Teko's is in its environment.
    const { PATH, SystemRoot } = process.env;
    const env = { PATH, ANONYMIZED_TELEMETRY: 'false', ...(SystemRoot ? { SystemRoot } : {}) };
    const stdio = ['pipe', 'ignore', 'pipe'] as ('pipe' | 'ignore')[];
    const child = spawn(process.execPath, ['-e', CHILD, '--', ...args], { cwd: data, env, stdio });
    return new ChromaProcess(`http://127.0.0.1:${port}`, child);
  }

  /** Whether it answers, before it ends or much too late. */
  async answers(): Promise<boolean> {
    const end = Date.now() + START_TIMEOUT_MS;
    while (!this.isOver && Date.now() < end) {
      const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      const answer = await fetch(`${this.url}/api/v2/heartbeat`, { signal }).catch(() => null);
      if (answer?.ok) return true;
      await pause(CHECK_INTERVAL_MS);
    }
    return false;
  }

  /** What was acknowledged is on disk: it can be killed. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
