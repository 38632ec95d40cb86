import type { GithubCredentials } from './github-credentials';
import type { EmulatorBackend } from './github-emulator-backend';
import type { Answer, Call, Json } from './github-http';
import type { Caller } from './github-credentials';
import { GitSync, split } from './github-git-sync';
import { amended, asGithubSends } from './github-payloads';
import { PullRequestStore, type PullRequestState } from './github-pull-request-store';
import { git, type BareRepositories } from './github-repositories';
import type { GithubWebhooks } from './github-webhooks';

/** The app as which Teko comes, or null where it comes with a token. */
export interface AppIdentity {
  id: number;
  slug: string;
  /** Owner of repositories to installation. */
  installations: Map<string, number>;
}

/** Answers a call that the emulator cannot; null leaves it to the emulator. The strings are what the path's groups caught. */
export interface Route {
  method: string;
  path: RegExp;
  handle(call: Call, caller: Caller, ...caught: string[]): Promise<Answer | null> | Answer | null;
}

const NOTHING = '0'.repeat(40);

/** The emulator, git and what neither keeps, held together. */
export class GithubState {
  readonly pulls = new PullRequestStore();
  /** Logs of CI, by check. */
  readonly logs = new Map<number, string>();
  readonly gitSync: GitSync;
  /** What went wrong inside; `close` of the stand-in throws it. */
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

  /** Nobody else sees the state between; calls and webhooks wait. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = this.busy.then(work);
    this.busy = done.catch(() => {});
    return done;
  }

  async idle(): Promise<void> {
    await this.busy;
  }

  /** Branches as they are now in git become known, silently. */
  async publishFirst(name: string): Promise<void> {
    const branches = await this.repositories.branches(name);
    for (const [branch, commit] of branches) await this.gitSync.branch(name, branch, commit);
    this.published.set(name, branches);
  }

  /** After a push by `login`: the emulator, the pull requests and the webhooks follow. */
  async publish(name: string, login: string): Promise<void> {
    const before = this.published.get(name) ?? new Map<string, string>();
    const after = await this.repositories.branches(name);
    this.published.set(name, after);
    for (const branch of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(branch) ?? null, after.get(branch) ?? null];
      if (old === now) continue;
      await this.gitSync.branch(name, branch, now);
      await this.sendPush(name, login, branch, old, now);
      for (const pullRequest of this.pulls.openOf(name, branch)) await this.follow(pullRequest, login, now);
    }
  }

  /** A webhook of our own, with what every payload carries. */
  async send(event: string, name: string, login: string, payload: Json): Promise<void> {
    const [owner, repo] = split(name);
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

  /** The emulator's JSON as GitHub would have written it. */
  amended<T>(json: T): T {
    return amended(json, { pulls: this.pulls, logs: this.logs }) as T;
  }

  /** A webhook of the emulator. What it says of branches is left out: it knows of a push only afterwards and in part. */
  async receive(headers: Record<string, string>, body: string): Promise<void> {
    const { event, payload } = this.webhooks.opened(headers, body);
    if (['push', 'create', 'delete'].includes(event)) return;
    await this.idle();
    this.deliver(event, payload);
  }

  private deliver(event: string, payload: Json): void {
    for (const sent of asGithubSends(event, this.amended(payload))) {
      this.keepEvent(sent.event, sent.payload);
      this.webhooks.send(sent.event, sent.payload);
    }
  }

  /** Where the head of a pull request is, in git too. */
  async setHead(pullRequest: PullRequestState, commit: string): Promise<void> {
    const { repository, headRepository, number } = pullRequest;
    if (headRepository !== repository) {
      const from = this.repositories.path(headRepository);
      await git(this.repositories.path(repository), ['fetch', '--quiet', from, `refs/heads/${pullRequest.headBranch}`]);
      await this.gitSync.commits(repository, [commit]);
    }
    await this.repositories.setRef(repository, `refs/pull/${number}/head`, commit);
    pullRequest.headCommit = commit;
  }

  private async follow(pullRequest: PullRequestState, login: string, commit: string | null): Promise<void> {
    const [owner, repo] = split(pullRequest.repository);
    const api = this.backend.admin(pullRequest.repository).rest.pulls;
    if (!commit) {
      pullRequest.isOpen = false;
      await api.update({ owner, repo, pull_number: pullRequest.number, state: 'closed' });
      return;
    }
    const before = pullRequest.headCommit;
    await this.setHead(pullRequest, commit);
    pullRequest.touchedAt = new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
    const { data } = await api.get({ owner, repo, pull_number: pullRequest.number });
    const payload = { action: 'synchronize', before, after: commit, pull_request: data as unknown as Json };
    await this.send('pull_request', pullRequest.repository, login, payload);
  }

  private async sendPush(name: string, login: string, branch: string, old: string | null, now: string | null) {
    if (!old || !now) {
      const named = { ref: branch, ref_type: 'branch', pusher_type: 'user' };
      await this.send(now ? 'create' : 'delete', name, login, named);
    }
    const fresh = now && old ? await this.repositories.commitsBetween(name, now, old) : [];
    const lost = now && old ? await this.repositories.commitsBetween(name, old, now) : [];
    const commits = fresh.map((id) => ({ id, distinct: true, url: `${this.origin}/${name}/commit/${id}` }));
    await this.send('push', name, login, {
      ref: `refs/heads/${branch}`,
      before: old ?? NOTHING,
      after: now ?? NOTHING,
      created: !old,
      deleted: !now,
      forced: lost.length > 0,
      base_ref: null,
      compare: `${this.origin}/${name}/compare/${old?.slice(0, 12)}...${now?.slice(0, 12)}`,
      commits,
      head_commit: commits.at(-1) ?? null,
      pusher: { name: login },
    });
  }

  /** The emulator lists no events of pull requests: they are kept as they are sent. */
  private keepEvent(event: string, { action, pull_request: pullRequest, repository, sender, label }: Json): void {
    if (event !== 'pull_request' || (action !== 'labeled' && action !== 'unlabeled')) return;
    const state = this.pulls.find(String((repository as Json).full_name), Number((pullRequest as Json).number));
    const created_at = new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
    state?.events.push({ id: state.events.length + 1, event: action, actor: sender, label, created_at });
  }
}
