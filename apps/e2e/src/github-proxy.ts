import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isOfUsersOnly, NO_GIT_ACCESS, refusalOf, type Caller } from './github-credentials';
import { faultyAnswer, type FaultKind, type GithubFaults } from './github-faults';
import { GIT_PATH, isPush, serveGit } from './github-git-server';
import { answer, Call, refusal, type Answer } from './github-http';
import { split } from './github-git-sync';
import { graphql } from './github-pull-request-routes';
import type { GithubRequests, RecordedRequest } from './github-requests';
import type { GithubState, Route } from './github-state';

/** What is needed to answer; comes once the emulator runs. */
export interface ProxyParts {
  state: GithubState;
  routes: Route[];
  faults: GithubFaults;
  requests: GithubRequests;
}

/** The one address of the stand-in: git, the emulator, and what both lack. */
export class GithubProxy {
  private parts: ProxyParts | null = null;

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<GithubProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new GithubProxy(server, origin);
  }

  serve(parts: ProxyParts): void {
    this.parts = parts;
    this.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.handle(request, response, parts).catch((error: unknown) => {
        parts.state.errors.push(error instanceof Error ? error : new Error(String(error)));
        write(response, refusal(500, 'The stand-in failed: see its errors.'));
      });
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    const [first] = this.parts?.state.errors ?? [];
    if (first) throw first;
  }

  private async handle(request: IncomingMessage, response: ServerResponse, parts: ProxyParts): Promise<void> {
    // Who breaks off its request, as a Teko that is killed does, waits for no answer.
    const call = await Call.read(request).catch((error: unknown) => {
      if (request.complete) throw error;
      return null;
    });
    if (!call) return;
    const { state: github } = parts;
    await github.idle();
    const stored = /^\/_storage\/logs\/(\d+)$/.exec(call.path);
    if (stored) return write(response, plain(github.logs.get(Number(stored[1])) ?? ''));
    const kind = GIT_PATH.test(call.path) ? 'git' : call.path === '/graphql' ? 'graphql' : 'rest';
    const given = await this.answer(call, kind, parts);
    if (given) write(response, conditional(call, given));
    else response.destroy();
  }

  /** Null: the connection ends without an answer. */
  private async answer(call: Call, kind: RecordedRequest['kind'], parts: ProxyParts): Promise<Answer | null> {
    const { state: github, faults, requests } = parts;
    const isGit = kind === 'git';
    const caller = isGit
      ? github.credentials.identifyBasic(call.authorization)
      : github.credentials.identify(call.authorization);
    if (caller?.kind === 'person') return this.obey(call, kind, caller, parts);
    const { end, name } = requests.begin(call, kind);
    const isMinted = caller ? github.credentials.installationOf(caller.token) !== null : false;
    const fault = caller && caller.kind !== 'anonymous' ? faults.next(name, { isMinted, isGit }) : null;
    const given = await this.disturbed(call, kind, caller, parts, fault);
    end(fault, given);
    return given;
  }

  private async disturbed(
    call: Call,
    kind: RecordedRequest['kind'],
    caller: Caller | null,
    parts: ProxyParts,
    fault: FaultKind | null,
  ): Promise<Answer | null> {
    const isGit = kind === 'git';
    const refused = isGit ? NO_GIT_ACCESS : refusalOf(call.authorization);
    if (!caller) return refused;
    if (fault === 'expired_token') parts.state.credentials.refuse(caller.token);
    if (fault === 'expired_token') return refused;
    if (fault && fault !== 'dropped_after') return faultyAnswer(fault, isGit);
    const given = await this.obey(call, kind, caller, parts);
    return fault ? null : given;
  }

  private async obey(call: Call, kind: RecordedRequest['kind'], caller: Caller, parts: ProxyParts): Promise<Answer> {
    const { state: github } = parts;
    if (kind === 'git') return this.git(call, caller, github);
    if (caller.kind === 'teko' && isOfUsersOnly(call) && github.credentials.installationOf(caller.token) !== null) {
      return refusal(403, 'Resource not accessible by integration');
    }
    if (kind === 'graphql') return graphql(github, call, caller);
    const given = (await routed(call, caller, parts.routes)) ?? (await github.backend.forward(call));
    return asGithubAnswers(given, github);
  }

  private async git(call: Call, caller: Caller, github: GithubState): Promise<Answer> {
    const name = GIT_PATH.exec(call.path)?.[1] ?? '';
    if (!github.repositories.has(name)) return plain('Repository not found.', 404);
    if (isPush(call) && caller.kind === 'person' && !(await mayPush(github, name, caller.login))) {
      return plain(`Permission to ${name}.git denied to ${caller.login}.`, 403);
    }
    const served = await serveGit(call, github.repositories.path(name));
    if (call.path.endsWith('/git-receive-pack')) await github.exclusive(() => github.publish(name, caller.login));
    return served;
  }
}

async function routed(call: Call, caller: Caller, routes: Route[]): Promise<Answer | null> {
  for (const route of routes) {
    const found = route.method === call.method ? route.path.exec(call.path) : null;
    if (found) return route.handle(call, caller, ...found.slice(1));
  }
  return null;
}

async function mayPush(github: GithubState, name: string, username: string): Promise<boolean> {
  const [owner, repo] = split(name);
  const api = github.backend.admin(name).rest.repos;
  const level = await api.getCollaboratorPermissionLevel({ owner, repo, username }).catch(() => null);
  return ['admin', 'maintain', 'write'].includes(level?.data.role_name ?? '');
}

function asGithubAnswers(given: Answer, github: GithubState): Answer {
  if (!given.headers['content-type']?.startsWith('application/json')) return given;
  const json = github.amended(JSON.parse(given.body.toString()));
  const reset = String(Math.ceil(Date.now() / 1000) + 3600);
  const limits = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': reset };
  const headers = { ...limits, 'x-github-request-id': 'C0DE:1:2:3:4', ...given.headers };
  return { status: given.status, headers, body: Buffer.from(JSON.stringify(json)) };
}

/** Who has it already gets nothing again. */
function conditional(call: Call, given: Answer): Answer {
  if (call.method !== 'GET' || given.status !== 200 || GIT_PATH.test(call.path)) return given;
  const etag = `W/"${createHash('sha256').update(given.body).digest('hex')}"`;
  const headers: Record<string, string> = { ...given.headers, etag };
  const { 'content-type': _type, ...bare } = headers;
  return call.headers['if-none-match'] === etag ? answer(304, null, bare) : { ...given, headers };
}

function plain(text: string, status = 200): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(text) };
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  const length: Record<string, string> =
    status === 204 || status === 304 ? {} : { 'content-length': String(body.length) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}
