import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ChromaRelay } from './chroma-relay';

const START_TIMEOUT_MS = 30_000;
const RESPONSE_TIMEOUT_MS = 2_000;
const CHECK_INTERVAL_MS = 100;
const CANNOT_LOAD = 3;
/** Port of the server in its own network. */
const ISOLATED_PORT = 8000;

/**
 * Script of the child process. The server blocks its thread and ignores signals, so it runs in a worker thread. The main
 * thread kills the process when the pipe to Teko closes, so that it never outlives Teko. If it is given a path, it forwards the
 * connections to this socket to the server, because both are in a network of their own.
 */
const CHILD = `
const end = () => process.kill(process.pid, 'SIGKILL');
process.stdin.on('end', end).on('error', end).resume();
const { Worker } = require('node:worker_threads');
const [socket, port, ...args] = process.argv.slice(1);
const server = new Worker(
  "const { workerData: [binding, ...args] } = require('node:worker_threads'); require(binding).cli(['chroma', 'run', ...args]);",
  { eval: true, workerData: args },
);
if (socket) {
  const { connect, createServer } = require('node:net');
  const forward = (client) => {
    const upstream = connect(Number(port), '127.0.0.1');
    client.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => client.destroy()).pipe(client);
  };
  createServer({ allowHalfOpen: true }, forward).listen(socket);
}
let code = 1;
server.on('error', (error) => {
  process.stderr.write(error.message);
  code = ${CANNOT_LOAD};
});
server.on('exit', () => process.exit(code));
`;

/**
 * A Chroma server in a child process. On Linux it runs in a network of its own, which only Teko reaches, by a private socket.
 * Elsewhere it listens on a free port of the loopback interface, and every user of the host can reach it.
 */
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
    /** Headers that requests must have. */
    readonly headers: Record<string, string>,
    private readonly child: ChildProcess,
    private readonly release: () => Promise<void>,
  ) {
    child.stdin?.on('error', () => undefined);
    // A bwrap that is killed while it starts can leave the server behind, which ends with the pipe.
    child.once('exit', () => child.stdin?.destroy());
    child.stderr?.on('data', (chunk: Buffer) => (this.lastOutput = (this.lastOutput + chunk.toString()).slice(-400)));
    this.ended = new Promise((resolve) => {
      const onEnd = (code: number | null) => {
        this.cannotLoad = code === CANNOT_LOAD;
        this.hasEnded = true;
        resolve();
      };
      child.once('error', (error) => {
        const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform === 'linux';
        this.lastOutput = isMissing ? 'bubblewrap is not installed' : error.message;
        onEnd(null);
      });
      child.once('close', onEnd);
    });
  }

  static start(binding: string, data: string): Promise<ChromaProcess> {
    return process.platform === 'linux' ? this.startIsolated(binding, data) : this.startOnLoopback(binding, data);
  }

  private static async startIsolated(binding: string, data: string): Promise<ChromaProcess> {
    // Not in the data folder, because paths of sockets are short.
    const folder = await mkdtemp(join(tmpdir(), 'teko-chroma-'));
    const socket = join(folder, 'socket');
    const relay = await ChromaRelay.start(socket);
    const isolation = ['--dev-bind', '/', '/', '--unshare-net', '--die-with-parent', '--', process.execPath];
    const child = spawnServer('bwrap', isolation, [socket, String(ISOLATED_PORT), binding], data, ISOLATED_PORT);
    return new ChromaProcess(relay.url, relay.headers, child, async () => {
      await relay.close();
      await rm(folder, { recursive: true, force: true });
    });
  }

  private static async startOnLoopback(binding: string, data: string): Promise<ChromaProcess> {
    const port = await freePort();
    const child = spawnServer(process.execPath, [], ['', '', binding], data, port);
    return new ChromaProcess(`http://127.0.0.1:${port}`, {}, child, () => Promise.resolve());
  }

  /** Waits until the server responds. Returns false if it ends first or the start times out. */
  async waitUntilReady(): Promise<boolean> {
    const end = Date.now() + START_TIMEOUT_MS;
    while (!this.hasEnded && Date.now() < end) {
      const signal = AbortSignal.timeout(RESPONSE_TIMEOUT_MS);
      const answer = await fetch(`${this.url}/api/v2/heartbeat`, { signal, headers: this.headers }).catch(() => null);
      if (answer?.ok) return true;
      await pause(CHECK_INTERVAL_MS);
    }
    return false;
  }

  /** Kills the process. Acknowledged writes are on disk. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    await this.release();
  }
}

/** Its environment contains no secret of Teko. */
function spawnServer(command: string, before: string[], program: string[], data: string, port: number): ChildProcess {
  const { PATH, SystemRoot } = process.env;
  const env = { PATH, ANONYMIZED_TELEMETRY: 'false', ...(SystemRoot ? { SystemRoot } : {}) };
  const stdio = ['pipe', 'ignore', 'pipe'] as ('pipe' | 'ignore')[];
  const server = ['--path', data, '--host', '127.0.0.1', '--port', String(port)];
  return spawn(command, [...before, '-e', CHILD, '--', ...program, ...server], { cwd: data, env, stdio });
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
