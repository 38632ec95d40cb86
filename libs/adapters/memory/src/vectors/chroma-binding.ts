import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UnavailableError } from '@teko/domain';
import { timeLimit } from '@teko/platform';

const INSTALL_TIMEOUT_MS = 15 * 60_000;
const PROGRESS_INTERVAL_MS = 15_000;
const HALF = 'half-';
/** The newest that runs with glibc 2.34; later ones need 2.39. */
const FOR_OLDER_SYSTEMS: Record<string, string> = { 'linux-x64-gnu': '1.0.5' };
/** What npm needs to reach its registry; nothing of Teko's own. */
const FOR_NPM =
  /^(path|home|userprofile|appdata|systemroot|temp|tmp|tmpdir|npm_config_.*|https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_\w+)$/i;

/** Chroma's server as a native module for this kind of machine: what came with Teko, or what was fetched for an older system. */
export class ChromaBinding {
  private readonly platform = platformName();

  /** `folder` keeps what is fetched. */
  constructor(
    private readonly folder: string,
    private readonly log: (line: string) => void,
  ) {}

  /** The module to load; null where none is installed. */
  get path(): string | null {
    if (existsSync(this.fetched)) return this.fetched;
    const require = createRequire(createRequire(import.meta.url).resolve('chromadb'));
    try {
      return require.resolve(this.name);
    } catch {
      return null;
    }
  }

  /** Whether another one can be tried where this system does not load the one that is there. */
  get canBeFetched(): boolean {
    return this.version !== undefined && !existsSync(this.fetched);
  }

  /** Installs the one for older systems with npm. Throws UnavailableError. */
  async fetch(signal: AbortSignal): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await this.removeAbandoned();
    const half = await mkdtemp(join(this.folder, HALF));
    try {
      this.log(`This system needs another build of Chroma: installing ${this.spec} (110 MB, once) ...`);
      await this.install(half, signal);
      // Another process may have been first.
      await rename(half, this.installed).catch((error: Error) => {
        if (!existsSync(this.fetched)) throw error;
      });
      this.log('Chroma is installed.');
    } finally {
      await rm(half, { recursive: true, force: true });
    }
  }

  /** What a process left that died while it installed. */
  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      if (!name.startsWith(HALF) || Date.now() - (await stat(path)).mtimeMs < INSTALL_TIMEOUT_MS) continue;
      await rm(path, { recursive: true, force: true });
    }
  }

  private get version(): string | undefined {
    return FOR_OLDER_SYSTEMS[this.platform];
  }

  private get name(): string {
    return `chromadb-js-bindings-${this.platform}`;
  }

  private get spec(): string {
    return `${this.name}@${this.version}`;
  }

  private get installed(): string {
    return join(this.folder, `${this.platform}-${this.version}`);
  }

  private get fetched(): string {
    return join(this.installed, 'node_modules', this.name);
  }

  private install(folder: string, signal: AbortSignal): Promise<void> {
    const options = [
      '--no-audit',
      '--no-fund',
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--loglevel=error',
    ];
    const began = Date.now();
    const progress = setInterval(
      () => this.log(`Chroma is still being installed, for ${Math.round((Date.now() - began) / 1000)} s now ...`),
      PROGRESS_INTERVAL_MS,
    );
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => FOR_NPM.test(key)));
    return new Promise<void>((resolve, reject) => {
      let said = '';
      const npm = spawn('npm', ['install', '--prefix', folder, ...options, this.spec], {
        cwd: folder,
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
        signal: timeLimit(INSTALL_TIMEOUT_MS, signal),
        killSignal: 'SIGKILL',
      });
      npm.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, 4_000)));
      npm.once('error', (error) => reject(this.notInstalled(error.message)));
      npm.once('close', (code) => (code === 0 ? resolve() : reject(this.notInstalled(firstError(said)))));
    }).finally(() => clearInterval(progress));
  }

  private notInstalled(reason: string): UnavailableError {
    return new UnavailableError(
      'chroma',
      `Chroma cannot be installed for this system (npm install ${this.spec}: ${reason})`,
      'Search goes on by words; connect to the npm registry once, or set CHROMA_URL to a Chroma of your own',
    );
  }
}

function firstError(said: string): string {
  const lines = said.split('\n').map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim());
  return lines.filter(Boolean).slice(0, 2).join(' ').slice(0, 200) || 'no reason given';
}

function platformName(): string {
  const abi: Partial<Record<NodeJS.Platform, string>> = { linux: '-gnu', win32: '-msvc' };
  return `${process.platform}-${process.arch}${abi[process.platform] ?? ''}`;
}
