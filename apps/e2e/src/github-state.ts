import type { GithubCredentials } from './github-credentials';
import type { EmulatorBackend } from './github-emulator-backend';
import type { HttpResponse, HttpRequest, Json } from './github-http';
import type { Caller } from './github-credentials';
import { GitSync, splitName } from './github-git-sync';
import { toGithubFormat, toGithubWebhooks } from './github-payloads';
import { PullRequestStore, type PullRequestState } from './github-pull-request-store';
import { git, type BareRepositories } from './github-repositories';
import type { GithubWebhooks } from './github-webhooks';

/** The GitHub App that Teko authenticates as. */
export interface AppIdentity {
  id: number;
  slug: string;
  /** Installation ids by repository owner. */
  installations: Map<string, number>;
}

/** Handles a request that the backend cannot handle correctly. `groups` are the capture groups of `path`; null forwards the request to the backend. */
export interface Route {
  method: string;
  path: RegExp;
  handle(request: HttpRequest, caller: Caller, ...groups: string[]): Promise<HttpResponse | null> | HttpResponse | null;
}

const NULL_COMMIT = '0'.repeat(40);

/** The state of the emulator: the backend, the git repositories and what neither of them stores. */
export class GithubState {
  readonly pulls = new PullRequestStore();
  /** CI logs by check run id. */
  readonly logs = new Map<number, string>();
  readonly gitSync: GitSync;
  /** Internal errors, thrown by `close` of the emulator. */
  readonly errors: Error[] = [];
  private readonly published = new Map<string, Map<string, string>>();
  private busy: Promise<unknown> = Promise.resolve();

  constructor(
    readonly origin: string,
    readonly backend: EmulatorBackend,
    readonly repositories: BareRepositories,
    readonly credentials: GithubCredentials,
    readonly webhooks: GithubWebhooks,
    readonly app: AppIdentity | null,
  ) {
    this.gitSync = new GitSync(repositories, backend);
    backend.onWebhook(
      (headers, body) => void this.receive(headers, body).catch((error: Error) => this.errors.push(error)),
    );
  }

  /** Runs `work` while other requests and webhooks wait, so that none sees an intermediate state. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = this.busy.then(work);
    this.busy = done.catch(() => {});
    return done;
  }

  async idle(): Promise<void> {
    await this.busy;
  }

  /** Copies all branches to the backend without sending webhooks. */
  async importBranches(name: string): Promise<void> {
    const branches = await this.repositories.branches(name);
    for (const [branch, commit] of branches) await this.gitSync.setBranch(name, branch, commit);
    this.published.set(name, branches);
  }

  /** Updates the backend and the pull requests after a push by `login` and sends the webhooks. */
  async publish(name: string, login: string): Promise<void> {
    const before = this.published.get(name) ?? new Map<string, string>();
    const after = await this.repositories.branches(name);
    this.published.set(name, after);
    for (const branch of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(branch) ?? null, after.get(branch) ?? null];
      if (old === now) continue;
      await this.gitSync.setBranch(name, branch, now);
      await this.sendPush(name, login, branch, old, now);
      for (const pullRequest of this.pulls.openOf(name, branch)) await this.updateHead(pullRequest, login, now);
    }
  }

  /** Sends a webhook with the fields that every payload has. */
  async send(event: string, name: string, login: string, payload: Json): Promise<void> {
    const [owner, repo] = splitName(name);
    const api = this.backend.admin(name).rest;
    const repository = (await api.repos.get({ owner, repo })).data;
    const sender = (await api.users.getByUsername({ username: login })).data;
    const installation = this.app?.installations.get(owner);
    this.deliver(event, {
      ...payload,
      repository,
      sender,
      ...(installation ? { installation: { id: installation } } : {}),
    });
  }

  /** Converts JSON of the backend to GitHub's format. */
  toGithubFormat<T>(json: T): T {
    return toGithubFormat(json, { pulls: this.pulls, logs: this.logs }) as T;
  }

  /** Receives a webhook of the backend. Branch events are ignored: the backend sees a push too late and only in part. */
  async receive(headers: Record<string, string>, body: string): Promise<void> {
    const { event, payload } = this.webhooks.verify(headers, body);
    if (['push', 'create', 'delete'].includes(event)) return;
    await this.idle();
    this.deliver(event, payload);
  }

  private deliver(event: string, payload: Json): void {
    for (const sent of toGithubWebhooks(event, this.toGithubFormat(payload))) {
      this.recordEvent(sent.event, sent.payload);
      this.webhooks.send(sent.event, sent.payload);
    }
  }

  /** Sets the head commit of a pull request, also in git. */
  async setHead(pullRequest: PullRequestState, commit: string): Promise<void> {
    const { repository, headRepository, number } = pullRequest;
    if (headRepository !== repository) {
      const from = this.repositories.path(headRepository);
      await git(this.repositories.path(repository), ['fetch', '--quiet', from, `refs/heads/${pullRequest.headBranch}`]);
      await this.gitSync.copyCommits(repository, [commit]);
    }
    await this.repositories.setRef(repository, `refs/pull/${number}/head`, commit);
    pullRequest.headCommit = commit;
  }

  private async updateHead(pullRequest: PullRequestState, login: string, commit: string | null): Promise<void> {
    const [owner, repo] = splitName(pullRequest.repository);
    const api = this.backend.admin(pullRequest.repository).rest.pulls;
    if (!commit) {
      pullRequest.isOpen = false;
      await api.update({ owner, repo, pull_number: pullRequest.number, state: 'closed' });
      return;
    }
    const before = pullRequest.headCommit;
    await this.setHead(pullRequest, commit);
    pullRequest.pushedAt = new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
    const { data } = await api.get({ owner, repo, pull_number: pullRequest.number });
    const payload = { action: 'synchronize', before, after: commit, pull_request: data as unknown as Json };
    await this.send('pull_request', pullRequest.repository, login, payload);
  }

  private async sendPush(name: string, login: string, branch: string, old: string | null, now: string | null) {
    if (!old || !now) {
      const named = { ref: branch, ref_type: 'branch', pusher_type: 'user' };
      await this.send(now ? 'create' : 'delete', name, login, named);
    }
    const added = now && old ? await this.repositories.commitsBetween(name, now, old) : [];
    const removed = now && old ? await this.repositories.commitsBetween(name, old, now) : [];
    const commits = added.map((id) => ({ id, distinct: true, url: `${this.origin}/${name}/commit/${id}` }));
    await this.send('push', name, login, {
      ref: `refs/heads/${branch}`,
      before: old ?? NULL_COMMIT,
      after: now ?? NULL_COMMIT,
      created: !old,
      deleted: !now,
      forced: removed.length > 0,
      base_ref: null,
      compare: `${this.origin}/${name}/compare/${old?.slice(0, 12)}...${now?.slice(0, 12)}`,
      commits,
      head_commit: commits.at(-1) ?? null,
      pusher: { name: login },
    });
  }

  /** Records label events of pull requests, which the backend does not list. */
  private recordEvent(event: string, { action, pull_request: pullRequest, repository, sender, label }: Json): void {
    if (event !== 'pull_request' || (action !== 'labeled' && action !== 'unlabeled')) return;
    const state = this.pulls.find(String((repository as Json).full_name), Number((pullRequest as Json).number));
    const created_at = new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
    state?.events.push({ id: state.events.length + 1, event: action, actor: sender, label, created_at });
  }
}
