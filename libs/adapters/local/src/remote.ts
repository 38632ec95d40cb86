import { setTimeout as sleep } from 'node:timers/promises';
import { ConflictError, DomainError, UnavailableError, type GitCredentials } from '@teko/domain';
import { shortError, tryGit, type GitOptions, type GitResult, type Setting } from './git';
import { requireOwnBranch } from './own-branch';
import type { SourceRules, Target } from './source-rules';
import { parseSource } from './source-url';

const REQUEST_TIMEOUT_MS = 30_000;
const MAX_ATTEMPTS = 4;
const RETRY_DELAY_MS = 300;
const TRANSIENT_ERROR =
  /returned error: (429|5\d\d)|empty reply|hung up|connection (was )?(reset|refused|timed out|closed)|early eof|could not resolve host/i;
const UNAUTHORIZED =
  /authentication failed|could not read (username|password)|invalid credentials|returned error: 40[13]|repository ('.*' )?not found/i;

/** Runs git commands against remotes that the rules allow, with the forge's credential if it has one for the URL. */
export class Remote {
  constructor(
    private readonly rules: SourceRules,
    private readonly credentials?: GitCredentials,
  ) {}

  /** Returns true if the forge has a credential for this URL. */
  async hasCredential(url: string): Promise<boolean> {
    return (await this.headerFor(url)) !== null;
  }

  /**
   * Runs a git command that connects to `url`; `args` returns its arguments for the checked URL. Retries with a new credential if
   * the server rejects the current one, and after connection errors. Git sends several requests per command, so both can happen
   * more than once. Throws InvalidError or UnavailableError if the rules refuse the URL.
   */
  async run(url: string, args: (url: string) => string[], options: GitOptions = {}): Promise<GitResult> {
    let header = await this.headerFor(url);
    for (let attempt = 1; ; attempt++) {
      const target = await this.rules.target(url);
      const result = await runWith(header, target, args(target.url), options);
      const isUnauthorized = header !== null && UNAUTHORIZED.test(result.stderr);
      if (result.code === 0 || attempt === MAX_ATTEMPTS || !(isUnauthorized || isTransient(url, result))) return result;
      if (isUnauthorized) header = await this.headerFor(url, header!);
      else await sleep(RETRY_DELAY_MS * attempt);
    }
  }

  /** Throws ConflictError if the branch is neither at `expected` nor at `commit`. */
  async push(dir: string, url: string, branch: string, commit: string, expected: string | null): Promise<void> {
    requireOwnBranch(branch);
    const ref = `refs/heads/${branch}`;
    const lease = `--force-with-lease=${ref}:${expected ?? ''}`;
    const options = ['--porcelain', '--quiet', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', lease];
    const push = (to: string) => ['--git-dir', dir, 'push', ...options, '--', to, `${commit}:${ref}`];
    const result = await this.run(url, push);
    if (result.code === 0) return;
    // The push succeeded, but the response was lost.
    if ((await this.tip(url, branch).catch(() => null)) === commit) return;
    throw pushError(result, branch, expected);
  }

  /** Returns the commit of a branch on the remote, or null if there is no such branch. */
  async tip(url: string, branch: string): Promise<string | null> {
    const ref = `refs/heads/${branch}`;
    const options = { timeoutMs: REQUEST_TIMEOUT_MS };
    const result = await this.run(url, (from) => ['ls-remote', '--', from, ref], options);
    if (result.code !== 0) throw remoteError(result, 'list the branches of');
    const lines = result.stdout.toString().split('\n');
    return lines.map((line) => line.split('\t')).find(([, name]) => name === ref)?.[0] ?? null;
  }

  private async headerFor(url: string, rejected?: string): Promise<string | null> {
    const source = parseSource(url);
    if (!this.credentials || source.kind === 'folder' || !/^https?:\/\//.test(source.url)) return null;
    return this.credentials.headerFor(source.url, rejected);
  }
}

async function runWith(
  header: string | null,
  { url, settings }: Target,
  args: string[],
  options: GitOptions,
): Promise<GitResult> {
  const result = await tryGit(args, { ...options, settings: [...settings, ...credentialSettings(url, header)] });
  return { ...result, stderr: redacted(header, result.stderr) };
}

/** Removes the credential, which a server can include in messages that Teko shows to users. */
function redacted(header: string | null, text: string): string {
  const encoded = header?.split(' ').at(-1) ?? '';
  const decoded = Buffer.from(encoded, 'base64').toString();
  const secrets = [encoded, decoded.slice(decoded.indexOf(':') + 1)].filter(Boolean);
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/** Sends the credential to this origin only: never in arguments, files or URLs. */
function credentialSettings(url: string, header: string | null): Setting[] {
  return header === null ? [] : [[`http.${new URL(url).origin}/.extraHeader`, `Authorization: ${header}`]];
}

function isTransient(url: string, { stderr }: GitResult): boolean {
  return /^https?:/i.test(url) && TRANSIENT_ERROR.test(stderr);
}

function pushError(result: GitResult, branch: string, expected: string | null): DomainError {
  const output = result.stdout.toString();
  if (
    /\[(remote )?rejected\] \((stale info|fetch first|cannot lock ref|failed to update ref|incorrect old value)/i.test(
      output,
    )
  )
    return new ConflictError(`branch ${branch} is no longer at ${expected ?? 'no commit'}`);
  const [, reason] = /\[remote rejected\] \((.*)\)$/m.exec(output) ?? [];
  if (reason)
    return new DomainError(
      'forbidden',
      `the forge refused to update branch ${branch}: ${reason}; ${shortError(result.stderr)}`,
    );
  return remoteError(result, 'push to');
}

/** Error for a remote that was not reached or rejected the credential. */
export function remoteError(result: GitResult, operation: string): UnavailableError {
  const message = `cannot ${operation} the repository: ${shortError(result.stderr)}`;
  if (!UNAUTHORIZED.test(result.stderr)) return new UnavailableError('forge', message);
  return new UnavailableError('forge', message, "Check the forge's credential and its permissions in this repository");
}
