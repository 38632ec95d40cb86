import { setTimeout as sleep } from 'node:timers/promises';
import { ConflictError, DomainError, UnavailableError, type GitCredentials } from '@teko/domain';
import { masked, tryGit, type GitOptions, type GitResult, type Setting } from './git';
import { refuseForeignBranch } from './own-branch';
import { checkSource, fetchUrl } from './source-url';

const REQUEST_TIMEOUT_MS = 30_000;
const MAX_ATTEMPTS = 4;
const RETRY_DELAY_MS = 300;
const BROKEN_OFF =
  /returned error: (429|5\d\d)|empty reply|hung up|connection (was )?(reset|refused|timed out|closed)|early eof|could not resolve host/i;
const REFUSED =
  /authentication failed|could not read (username|password)|invalid credentials|returned error: 40[13]|repository ('.*' )?not found/i;

/** Talks to the remotes of repositories, with the forge's credential where there is one for the URL. */
export class Remote {
  constructor(private readonly credentials?: GitCredentials) {}

  /** Whether there is a credential for this URL. */
  async isTrusted(url: string): Promise<boolean> {
    return (await this.headerFor(url)) !== null;
  }

  /**
   * Runs one git command that talks to `url`. A refused credential is asked for anew, and what breaks off on the way is
   * tried again: git asks twice for each command, so either can happen more than once.
   */
  async run(url: string, args: string[], options: GitOptions = {}): Promise<GitResult> {
    let header = await this.headerFor(url);
    for (let tries = 1; ; tries++) {
      const result = await runWith(header, url, args, options);
      const isRefused = header !== null && REFUSED.test(result.stderr);
      if (result.code === 0 || tries === MAX_ATTEMPTS || !(isRefused || isBrokenOff(url, result))) return result;
      if (isRefused) header = await this.headerFor(url, header!);
      else await sleep(RETRY_DELAY_MS * tries);
    }
  }

  /** Throws ConflictError where the branch is neither at `expected` nor at `commit`. */
  async push(dir: string, url: string, branch: string, commit: string, expected: string | null): Promise<void> {
    refuseForeignBranch(branch);
    checkSource(url);
    const ref = `refs/heads/${branch}`;
    const lease = `--force-with-lease=${ref}:${expected ?? ''}`;
    const options = ['--porcelain', '--quiet', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', lease];
    const args = ['--git-dir', dir, 'push', ...options, '--', fetchUrl(url), `${commit}:${ref}`];
    const result = await this.run(url, args);
    if (result.code === 0) return;
    // It arrived, and the answer was lost.
    if ((await this.tip(url, branch).catch(() => null)) === commit) return;
    throw pushError(result, branch, expected);
  }

  /** The commit that a branch is at. */
  async tip(url: string, branch: string): Promise<string | null> {
    checkSource(url);
    const ref = `refs/heads/${branch}`;
    const result = await this.run(url, ['ls-remote', '--', fetchUrl(url), ref], { timeoutMs: REQUEST_TIMEOUT_MS });
    if (result.code !== 0) throw unreachable(result, 'asked for its branches');
    const lines = result.stdout.toString().split('\n');
    return lines.map((line) => line.split('\t')).find(([, name]) => name === ref)?.[0] ?? null;
  }

  private async headerFor(url: string, refused?: string): Promise<string | null> {
    if (!this.credentials || !/^https?:\/\//i.test(url)) return null;
    return this.credentials.headerFor(url, refused);
  }
}

async function runWith(header: string | null, url: string, args: string[], options: GitOptions): Promise<GitResult> {
  const result = await tryGit(args, { ...options, settings: settingsFor(url, header) });
  return { ...result, stderr: without(header, result.stderr) };
}

/** What a server says is shown to people, and it knows the credential. */
function without(header: string | null, text: string): string {
  const coded = header?.split(' ').at(-1) ?? '';
  const decoded = Buffer.from(coded, 'base64').toString();
  const secrets = [coded, decoded.slice(decoded.indexOf(':') + 1)].filter(Boolean);
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/** The credential goes to this origin and nowhere else: not into arguments, files or URLs, and not where a redirect leads. */
function settingsFor(url: string, header: string | null): Setting[] {
  if (header === null) return [];
  return [
    [`http.${new URL(url).origin}/.extraHeader`, `Authorization: ${header}`],
    ['http.followRedirects', 'false'],
  ];
}

function isBrokenOff(url: string, { stderr }: GitResult): boolean {
  return /^https?:/i.test(url) && BROKEN_OFF.test(stderr);
}

function pushError(result: GitResult, branch: string, expected: string | null): DomainError {
  const said = result.stdout.toString();
  if (
    /\[(remote )?rejected\] \((stale info|fetch first|cannot lock ref|failed to update ref|incorrect old value)/i.test(
      said,
    )
  )
    return new ConflictError(`branch ${branch} is not at ${expected ?? 'no commit'} any more`);
  const [, reason] = /\[remote rejected\] \((.*)\)$/m.exec(said) ?? [];
  if (reason)
    return new DomainError('forbidden', `the forge refuses branch ${branch}: ${reason}; ${masked(result.stderr)}`);
  return unreachable(result, 'pushed to');
}

/** What a remote that was not reached, or that refused the credential, comes to. */
export function unreachable(result: GitResult, what: string): UnavailableError {
  const message = `the repository cannot be ${what}: ${masked(result.stderr)}`;
  if (!REFUSED.test(result.stderr)) return new UnavailableError('forge', message);
  return new UnavailableError('forge', message, "Check the forge's credential and what it may do in this repository");
}
