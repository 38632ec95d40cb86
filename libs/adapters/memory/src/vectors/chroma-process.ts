import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const START_TIMEOUT_MS = 30_000;
const RESPONSE_TIMEOUT_MS = 2_000;
const CHECK_INTERVAL_MS = 100;
const CANNOT_LOAD = 3;

/**
 * Script of the child process. The server blocks its thread and ignores signals, so it runs in a worker thread. The main
 * thread kills the process when the pipe to Teko closes, so that it never outlives Teko.
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

/** A Chroma server in a child process, on a free port of the loopback interface. */
export class ChromaProcess {
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Whether it ended because this system cannot load the binding. */
  cannotLoad = false;
  hasEnded = false;
  /** The end of its error output. */
  lastOutput = '';

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {
    child.stdin?.on('error', () => undefined);
    child.stderr?.on('data', (chunk: Buffer) => (this.lastOutput = (this.lastOutput + chunk.toString()).slice(-400)));
    this.ended = new Promise((resolve) => {
      const onEnd = (code: number | null) => {
        this.cannotLoad = code === CANNOT_LOAD;
        this.hasEnded = true;
        resolve();
      };
      child.once('error', (error) => {
        this.lastOutput = error.message;
        onEnd(null);
      });
      child.once('close', onEnd);
    });
  }

  static async start(binding: string, data: string): Promise<ChromaProcess> {
    const port = await freePort();
    const args = [binding, '--path', data, '--host', '127.0.0.1', '--port', String(port)];
    // Its environment contains no secret of Teko.
    const { PATH, SystemRoot } = process.env;
    const env = { PATH, ANONYMIZED_TELEMETRY: 'false', ...(SystemRoot ? { SystemRoot } : {}) };
    const stdio = ['pipe', 'ignore', 'pipe'] as ('pipe' | 'ignore')[];
    const child = spawn(process.execPath, ['-e', CHILD, '--', ...args], { cwd: data, env, stdio });
    return new ChromaProcess(`http://127.0.0.1:${port}`, child);
  }

  /** Waits until the server responds. Returns false if it ends first or the start times out. */
  async waitUntilReady(): Promise<boolean> {
    const end = Date.now() + START_TIMEOUT_MS;
    while (!this.hasEnded && Date.now() < end) {
      const signal = AbortSignal.timeout(RESPONSE_TIMEOUT_MS);
      const answer = await fetch(`${this.url}/api/v2/heartbeat`, { signal }).catch(() => null);
      if (answer?.ok) return true;
      await pause(CHECK_INTERVAL_MS);
    }
    return false;
  }

  /** Kills the process. Acknowledged writes are on disk. */
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
