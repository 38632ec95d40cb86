import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UnavailableError } from '@teko/domain';
import { timeLimit } from '@teko/platform';

const INSTALL_TIMEOUT_MS = 15 * 60_000;
const PROGRESS_INTERVAL_MS = 15_000;
const DRAFT_PREFIX = 'half-';
/** The newest version that runs with glibc 2.34; later ones need 2.39. */
const FALLBACK_VERSIONS: Record<string, string> = { 'linux-x64-gnu': '1.0.5' };
/** Environment variables that npm needs to reach its registry; none of Teko's. */
const NPM_ENVIRONMENT =
  /^(path|home|userprofile|appdata|systemroot|temp|tmp|tmpdir|npm_config_.*|https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_\w+)$/i;

/** The native module of Chroma's server for this platform: the one installed with Teko, or a fallback for older systems. */
export class ChromaBinding {
  private readonly platform = platformName();

  /** `folder` is where the fallback is installed. */
  constructor(
    private readonly folder: string,
    private readonly log: (line: string) => void,
  ) {}

  /** Path of the module to load, or null if none is installed. */
  get path(): string | null {
    if (existsSync(this.fallback)) return this.fallback;
    const require = createRequire(createRequire(import.meta.url).resolve('chromadb'));
    try {
      return require.resolve(this.name);
    } catch {
      return null;
    }
  }

  /** Whether a fallback can be installed if this system cannot load the module. */
  get canInstallFallback(): boolean {
    return this.version !== undefined && !existsSync(this.fallback);
  }

  /** Installs the fallback with npm. Throws UnavailableError. */
  async installFallback(signal: AbortSignal): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await this.removeAbandoned();
    const draft = await mkdtemp(join(this.folder, DRAFT_PREFIX));
    try {
      this.log(`This system needs another build of Chroma. Installing ${this.spec} (110 MB, once) ...`);
      await this.runNpm(draft, signal);
      // Another process may have installed it meanwhile.
      await rename(draft, this.fallbackFolder).catch((error: Error) => {
        if (!existsSync(this.fallback)) throw error;
      });
      this.log('Chroma is installed.');
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  /** Removes what crashed installations left. */
  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      if (!name.startsWith(DRAFT_PREFIX) || Date.now() - (await stat(path)).mtimeMs < INSTALL_TIMEOUT_MS) continue;
      await rm(path, { recursive: true, force: true });
    }
  }

  private get version(): string | undefined {
    return FALLBACK_VERSIONS[this.platform];
  }

  private get name(): string {
    return `chromadb-js-bindings-${this.platform}`;
  }

  private get spec(): string {
    return `${this.name}@${this.version}`;
  }

  private get fallbackFolder(): string {
    return join(this.folder, `${this.platform}-${this.version}`);
  }

  private get fallback(): string {
    return join(this.fallbackFolder, 'node_modules', this.name);
  }

  private runNpm(folder: string, signal: AbortSignal): Promise<void> {
    const options = [
      '--no-audit',
      '--no-fund',
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--loglevel=error',
    ];
    const start = Date.now();
    const progress = setInterval(
      () => this.log(`Still installing Chroma (${Math.round((Date.now() - start) / 1000)} s) ...`),
      PROGRESS_INTERVAL_MS,
    );
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => NPM_ENVIRONMENT.test(key)));
    return new Promise<void>((resolve, reject) => {
      let output = '';
      const npm = spawn('npm', ['install', '--prefix', folder, ...options, this.spec], {
        cwd: folder,
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
        signal: timeLimit(INSTALL_TIMEOUT_MS, signal),
        killSignal: 'SIGKILL',
      });
      npm.stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(0, 4_000)));
      npm.once('error', (error) => reject(this.notInstalled(error.message)));
      npm.once('close', (code) => (code === 0 ? resolve() : reject(this.notInstalled(firstError(output)))));
    }).finally(() => clearInterval(progress));
  }

  private notInstalled(reason: string): UnavailableError {
    return new UnavailableError(
      'chroma',
      `Chroma cannot be installed for this system (npm install ${this.spec}: ${reason})`,
      'Search uses keywords only. Connect to the npm registry once, or set CHROMA_URL to your own Chroma server',
    );
  }
}

function firstError(output: string): string {
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim());
  return lines.filter(Boolean).slice(0, 2).join(' ').slice(0, 200) || 'no reason given';
}

function platformName(): string {
  const abi: Partial<Record<NodeJS.Platform, string>> = { linux: '-gnu', win32: '-msvc' };
  return `${process.platform}-${process.arch}${abi[process.platform] ?? ''}`;
}
