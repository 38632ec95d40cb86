/* The server process of `npm run dev`, which is replaced after each build. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const STOP_TIMEOUT_MS = 10_000;
/** Module that ends the server if its parent process dies. */
const END_WITH_PARENT = "data:text/javascript,process.on('disconnect',()=>process.kill(process.pid,'SIGTERM'))";

export class ServerProcess {
  #entry;
  #env;
  #onLine;
  #child = null;
  /** The last restart or stop; the next one waits for it. */
  #last = Promise.resolve();
  #isStopped = false;

  /** `onLine` is called with each line that the server prints. */
  constructor(entry, env, onLine) {
    this.#entry = entry;
    this.#env = env;
    this.#onLine = onLine;
  }

  restart() {
    return this.#next(async () => {
      await this.#end();
      if (!this.#isStopped) this.#start();
    });
  }

  stop() {
    this.#isStopped = true;
    return this.#next(() => this.#end());
  }

  kill() {
    this.#child?.kill('SIGKILL');
  }

  #next(work) {
    this.#last = this.#last.then(work);
    return this.#last;
  }

  #start() {
    const child = spawn(process.execPath, ['--enable-source-maps', '--import', END_WITH_PARENT, this.#entry], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      // Keeps Ctrl-C from reaching it directly, because a second signal would end it at once.
      detached: true,
    });
    this.#child = child;
    createInterface(child.stdout).on('line', this.#onLine);
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.#child = null;
      console.error(`The server has ended (${signal ?? `exit code ${code}`}). It restarts after the next change.`);
    });
  }

  async #end() {
    const child = this.#child;
    if (!child) return;
    this.#child = null;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }
}
