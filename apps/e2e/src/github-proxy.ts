import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requiresUser, NO_GIT_ACCESS, unauthorized, type Caller } from './github-credentials';
import { faultResponse, type FaultKind, type GithubFaults } from './github-faults';
import { GIT_PATH, isPush, serveGit } from './github-git-server';
import { jsonResponse, HttpRequest, errorResponse, type HttpResponse } from './github-http';
import { splitName } from './github-git-sync';
import { graphql } from './github-pull-request-routes';
import type { GithubRequests, RecordedRequest } from './github-requests';
import type { GithubState, Route } from './github-state';

/** What the proxy serves, available once the backend runs. */
export interface ProxyParts {
  state: GithubState;
  routes: Route[];
  faults: GithubFaults;
  requests: GithubRequests;
}

/** The HTTP server of the emulator. Routes requests to git, to the backend, and to the handlers of what both lack. */
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
        write(response, errorResponse(500, 'Internal error of the GitHub emulator.'));
      });
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    const [first] = this.parts?.state.errors ?? [];
    if (first) throw first;
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse, parts: ProxyParts): Promise<void> {
    // A client that aborts its request, such as a killed Teko, does not wait for a response.
    const request = await HttpRequest.read(incoming).catch((error: unknown) => {
      if (incoming.complete) throw error;
      return null;
    });
    if (!request) return;
    const { state: github } = parts;
    await github.idle();
    const stored = /^\/_storage\/logs\/(\d+)$/.exec(request.path);
    if (stored) return write(response, plain(github.logs.get(Number(stored[1])) ?? ''));
    const kind = GIT_PATH.test(request.path) ? 'git' : request.path === '/graphql' ? 'graphql' : 'rest';
    const result = await this.respond(request, kind, parts);
    if (result) write(response, withEtag(request, result));
    else response.destroy();
  }

  /** Returns null if the connection is to be closed without a response. */
  private async respond(
    request: HttpRequest,
    kind: RecordedRequest['kind'],
    parts: ProxyParts,
  ): Promise<HttpResponse | null> {
    const { state: github, faults, requests } = parts;
    const isGit = kind === 'git';
    const caller = isGit
      ? github.credentials.identifyBasic(request.authorization)
      : github.credentials.identify(request.authorization);
    if (caller?.kind === 'user') return this.dispatch(request, kind, caller, parts);
    const { end, endpoint } = requests.begin(request, kind);
    const isInstallationToken = caller ? github.credentials.installationOf(caller.token) !== null : false;
    const fault = caller && caller.kind !== 'anonymous' ? faults.next(endpoint, { isInstallationToken, isGit }) : null;
    const result = await this.dispatchWithFault(request, kind, caller, parts, fault);
    end(fault, result);
    return result;
  }

  private async dispatchWithFault(
    request: HttpRequest,
    kind: RecordedRequest['kind'],
    caller: Caller | null,
    parts: ProxyParts,
    fault: FaultKind | null,
  ): Promise<HttpResponse | null> {
    const isGit = kind === 'git';
    const unauthenticated = isGit ? NO_GIT_ACCESS : unauthorized(request.authorization);
    if (!caller) return unauthenticated;
    if (fault === 'expired_token') parts.state.credentials.revoke(caller.token);
    if (fault === 'expired_token') return unauthenticated;
    if (fault && fault !== 'dropped_after') return faultResponse(fault, isGit);
    const result = await this.dispatch(request, kind, caller, parts);
    return fault ? null : result;
  }

  private async dispatch(
    request: HttpRequest,
    kind: RecordedRequest['kind'],
    caller: Caller,
    parts: ProxyParts,
  ): Promise<HttpResponse> {
    const { state: github } = parts;
    if (kind === 'git') return this.git(request, caller, github);
    if (caller.kind === 'teko' && requiresUser(request) && github.credentials.installationOf(caller.token) !== null) {
      return errorResponse(403, 'Resource not accessible by integration');
    }
    if (kind === 'graphql') return graphql(github, request, caller);
    const result = (await handleByRoute(request, caller, parts.routes)) ?? (await github.backend.forward(request));
    return asGithubResponse(result, github);
  }

  private async git(request: HttpRequest, caller: Caller, github: GithubState): Promise<HttpResponse> {
    const name = GIT_PATH.exec(request.path)?.[1] ?? '';
    if (!github.repositories.has(name)) return plain('Repository not found.', 404);
    if (isPush(request) && caller.kind === 'user' && !(await canPush(github, name, caller.login))) {
      return plain(`Permission to ${name}.git denied to ${caller.login}.`, 403);
    }
    const served = await serveGit(request, github.repositories.path(name));
    if (request.path.endsWith('/git-receive-pack')) await github.exclusive(() => github.publish(name, caller.login));
    return served;
  }
}

async function handleByRoute(request: HttpRequest, caller: Caller, routes: Route[]): Promise<HttpResponse | null> {
  for (const route of routes) {
    const found = route.method === request.method ? route.path.exec(request.path) : null;
    if (found) return route.handle(request, caller, ...found.slice(1));
  }
  return null;
}

async function canPush(github: GithubState, name: string, username: string): Promise<boolean> {
  const [owner, repo] = splitName(name);
  const api = github.backend.admin(name).rest.repos;
  const level = await api.getCollaboratorPermissionLevel({ owner, repo, username }).catch(() => null);
  return ['admin', 'maintain', 'write'].includes(level?.data.role_name ?? '');
}

function asGithubResponse(result: HttpResponse, github: GithubState): HttpResponse {
  if (!result.headers['content-type']?.startsWith('application/json')) return result;
  const json = github.toGithubFormat(JSON.parse(result.body.toString()));
  const reset = String(Math.ceil(Date.now() / 1000) + 3600);
  const limits = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': reset };
  const headers = { ...limits, 'x-github-request-id': 'C0DE:1:2:3:4', ...result.headers };
  return { status: result.status, headers, body: Buffer.from(JSON.stringify(json)) };
}

/** Adds an ETag. Returns 304 if the client already has this version. */
function withEtag(request: HttpRequest, result: HttpResponse): HttpResponse {
  if (request.method !== 'GET' || result.status !== 200 || GIT_PATH.test(request.path)) return result;
  const etag = `W/"${createHash('sha256').update(result.body).digest('hex')}"`;
  const headers: Record<string, string> = { ...result.headers, etag };
  const { 'content-type': _type, ...bare } = headers;
  return request.headers['if-none-match'] === etag ? jsonResponse(304, null, bare) : { ...result, headers };
}

function plain(text: string, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(text) };
}

function write(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  const length: Record<string, string> =
    status === 204 || status === 304 ? {} : { 'content-length': String(body.length) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}
