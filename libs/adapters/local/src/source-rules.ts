import { lookup } from 'node:dns/promises';
import { readFile, realpath, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidError, UnavailableError } from '@teko/domain';
import type { Setting } from './git';
import { isPublicAddress } from './public-address';
import { parseSource, type ServerSource } from './source-url';

/** The same text for every repository that cannot be read, so that it does not tell who listens where, or which files exist. */
export const UNREADABLE =
  'The repository cannot be read. Check the URL and the access rights. Redirects are not followed, and hosts with private addresses must be named in TEKO_GIT_HOSTS';

const LOOKUP_TIMEOUT_MS = 10_000;
/** Names of this host and of its network, whatever they resolve to. */
const PRIVATE_NAME = /^localhost$|\.(localhost|localdomain|local|internal|lan|home\.arpa)$/;
/** Folders of the operating system, which contain no repositories. */
const SYSTEM_FOLDERS = ['/proc', '/sys', '/dev', '/run', '/etc', '/boot'];
const MAX_ALTERNATES = 10;

export interface SourceOptions {
  /** Data folder (TEKO_HOME), which no repository may be in, except the demo's. */
  home: string;
  /** Hosts, also as `host:port`, that may have a private address. Lower case; IPv6 addresses in brackets. */
  hosts?: string[];
  /** Folders that local repositories may be in; null for every folder. */
  folders?: string[] | null;
  /** Returns all addresses of a host. */
  lookup?: (host: string) => Promise<{ address: string }[]>;
}

/** A repository that git may read, and the settings that git needs to connect to exactly that one. */
export interface Target {
  url: string;
  settings: Setting[];
}

/** Decides which repositories Teko reads and writes: those on public hosts, on named hosts, and in allowed folders of this host. */
export class SourceRules {
  private readonly hosts: Set<string>;

  constructor(private readonly options: SourceOptions) {
    this.hosts = new Set(options.hosts ?? []);
  }

  /**
   * Checks a URL and returns how git connects to it. Throws InvalidError if the URL can never be used, and UnavailableError with a
   * uniform text if its host or folder cannot be used.
   */
  async target(url: string): Promise<Target> {
    const source = parseSource(url);
    if (source.kind === 'folder') return this.folderTarget(source.path);
    const protocol: Setting[] = [
      ['protocol.file.allow', 'never'],
      [`protocol.${source.protocol}.allow`, 'always'],
      ['http.followRedirects', 'false'],
    ];
    return { url: source.url, settings: [...protocol, ...(await this.connection(source))] };
  }

  /** Returns git settings that connect to the checked address of the host, whatever its name resolves to later. */
  private async connection({ protocol, host, port }: ServerSource): Promise<Setting[]> {
    if (this.isNamed(host, port)) return protocol === 'ssh' ? [['core.sshCommand', 'ssh -o BatchMode=yes']] : [];
    if (protocol === 'git') throw new InvalidError({ url: 'has the scheme git; use https or ssh' });
    const isAddress = isIP(host) !== 0;
    if (isAddress ? !isPublicAddress(host) : PRIVATE_NAME.test(host))
      throw new InvalidError({ url: 'must not be a private address unless TEKO_GIT_HOSTS names it' });
    const addresses = isAddress ? [host] : await this.publicAddresses(host);
    if (protocol === 'ssh') return [['core.sshCommand', pinnedSsh(host, addresses[0]!)]];
    return isAddress ? [] : [['http.curloptResolve', `${host}:${port}:${addresses.map(bracketed).join(',')}`]];
  }

  private isNamed(host: string, port: number): boolean {
    const name = bracketed(host);
    return this.hosts.has(name) || this.hosts.has(`${name}:${port}`);
  }

  /** Throws UnavailableError unless all addresses are public. */
  private async publicAddresses(host: string): Promise<string[]> {
    const timeout = new Promise<never>((_, reject) => setTimeout(reject, LOOKUP_TIMEOUT_MS, unreadable()).unref());
    const find = this.options.lookup ?? ((name: string) => lookup(name, { all: true, verbatim: true }));
    const found = await Promise.race([find(host), timeout]).catch(() => []);
    const addresses = found.map(({ address }) => address);
    if (addresses.length === 0 || !addresses.every(isPublicAddress)) throw unreadable();
    return addresses;
  }

  private async folderTarget(path: string): Promise<Target> {
    if (isAnyWithin(path, SYSTEM_FOLDERS)) throw new InvalidError({ url: 'must not be in a folder of the system' });
    const { folders = null } = this.options;
    if (folders !== null && !isAnyWithin(path, [...folders, ...this.homes.map(demoOf)]))
      throw new InvalidError({ url: 'must be in one of the folders that TEKO_LOCAL_REPOSITORIES names' });
    if (!this.isAllowedFolder(path, this.homes)) throw new InvalidError({ url: 'must not be in TEKO_HOME' });
    const gitFolder = await this.gitFolderOf(path).catch(() => null);
    if (gitFolder === null) throw unreadable();
    return { url: pathToFileURL(gitFolder).href, settings: [] };
  }

  /** Returns the folder of a repository's objects, without links. Throws if one of its folders does not exist or is not allowed. */
  private async gitFolderOf(path: string): Promise<string> {
    const root = await this.allowed(path).catch(() => this.allowed(`${path}.git`));
    const entry = join(root, '.git');
    const type = await stat(entry).catch(() => null);
    const folder = type === null ? root : await this.allowed(type.isFile() ? await linkIn(entry, root) : entry);
    await stat(join(folder, 'HEAD'));
    const common = await readFile(join(folder, 'commondir'), 'utf8').catch(() => '.');
    await this.checkAlternates(join(await this.allowed(resolve(folder, common.trim())), 'objects'));
    return folder;
  }

  /** Checks the folders that a repository borrows objects from. */
  private async checkAlternates(objects: string): Promise<void> {
    const queue = [await this.allowed(objects)];
    for (let i = 0; i < queue.length; i++) {
      if (i > MAX_ALTERNATES) throw unreadable();
      const list = await readFile(join(queue[i]!, 'info', 'alternates'), 'utf8').catch(() => '');
      const lines = list.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      for (const line of lines) queue.push(await this.allowed(resolve(queue[i]!, line)));
    }
  }

  /** Returns the path without links. Throws if it does not exist or is not allowed. */
  private async allowed(path: string): Promise<string> {
    const real = await realpath(path);
    const homes = [...this.homes, await realpath(this.options.home).catch(() => this.options.home)];
    const folders = this.options.folders && (await Promise.all(this.options.folders.map(realOrSame)));
    if (isAnyWithin(real, SYSTEM_FOLDERS) || !this.isAllowedFolder(real, homes)) throw unreadable();
    if (folders && !isAnyWithin(real, [...folders, ...homes.map(demoOf)])) throw unreadable();
    return real;
  }

  private get homes(): string[] {
    return [resolve(this.options.home)];
  }

  /** Returns false in the data folder. The demo repository is there, but everybody has it. */
  private isAllowedFolder(path: string, homes: string[]): boolean {
    return homes.every((home) => !isWithin(path, home) || isWithin(path, demoOf(home)));
  }
}

const demoOf = (home: string) => join(home, 'demo', 'repository');

function unreadable(): UnavailableError {
  return new UnavailableError('git', UNREADABLE);
}

/** The options come before the operator's configuration of ssh, so that it cannot lead elsewhere. */
function pinnedSsh(host: string, address: string): string {
  const options = {
    HostName: address,
    HostKeyAlias: host,
    CheckHostIP: 'no',
    CanonicalizeHostname: 'no',
    ProxyCommand: 'none',
    ProxyJump: 'none',
    BatchMode: 'yes',
  };
  return ['ssh', ...Object.entries(options).map(([name, value]) => `-o ${name}=${value}`)].join(' ');
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function isWithin(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}

function isAnyWithin(path: string, folders: string[]): boolean {
  return folders.some((folder) => isWithin(normalize(path), folder));
}

function realOrSame(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

/** Returns the folder that a `.git` file names, for example in a worktree. */
async function linkIn(file: string, folder: string): Promise<string> {
  const [, target] = /^gitdir: (.+)$/m.exec(await readFile(file, 'utf8')) ?? [];
  if (target === undefined) throw unreadable();
  return resolve(folder, target);
}
