import type { FaultKind } from './github-faults';
import type { HttpResponse, HttpRequest } from './github-http';

/** A recorded request of Teko. */
export interface RecordedRequest {
  number: number;
  kind: 'rest' | 'graphql' | 'git';
  method: string;
  /** Path and query. */
  url: string;
  /** Method and path with placeholders for ids and names. */
  endpoint: string;
  /** Without credentials. */
  headers: Record<string, string>;
  body: string;
  /** Null if no response was sent. */
  status: number | null;
  fault: FaultKind | null;
}

/** Teko's requests in order. */
export class GithubRequests {
  readonly all: RecordedRequest[] = [];

  /** Requests to one endpoint, such as `POST /repos/{owner}/{repo}/pulls`. */
  of(endpoint: string): RecordedRequest[] {
    return this.all.filter((request) => request.endpoint === endpoint);
  }

  /** Records a request; call `end` with its outcome. */
  begin(request: HttpRequest, kind: RecordedRequest['kind']) {
    const { authorization: _secret, ...headers } = request.headers;
    const recorded: RecordedRequest = {
      number: this.all.length + 1,
      kind,
      method: request.method,
      url: request.url,
      endpoint: endpointOf(request, kind),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      body: kind === 'git' ? '' : request.body.toString(),
      status: null,
      fault: null,
    };
    this.all.push(recorded);
    const end = (fault: FaultKind | null, response: HttpResponse | null) => {
      recorded.fault = fault;
      recorded.status = response?.status ?? null;
    };
    return { endpoint: recorded.endpoint, end };
  }
}

/** Path segments that are followed by a name. */
const NAME_SEGMENTS =
  /\/(labels|collaborators|contents|compare|branches|ref|refs|matching-refs|assignees|users|orgs|teams)\/[^?]+$/;

/** Returns the endpoint of a request, such as `GET /repos/{owner}/{repo}/issues/{n}`, by which faults and tests select it. */
export function endpointOf(request: HttpRequest, kind: RecordedRequest['kind']): string {
  const { method, path } = request;
  if (kind === 'git') {
    const service = request.query.get('service');
    return `${method} /{owner}/{repo}.git/${path.split('.git/')[1]}${service ? `?service=${service}` : ''}`;
  }
  const rest = path.startsWith('/repos/') ? path.replace(/^\/repos\/[^/]+\/[^/]+/, '/repos/{owner}/{repo}') : path;
  const plain = rest
    .replace(/\/permission$/, '')
    .replace(/\/commits\/[^/]+/, '/commits/{ref}')
    .replace(/\/(git\/(?:commits|trees|blobs)|statuses)\/[^/]+/, '/$1/{sha}')
    .replace(/\/\d+(?=\/|$)/g, '/{n}')
    .replace(NAME_SEGMENTS, '/$1/{name}');
  return `${method} ${plain}${path.endsWith('/permission') ? '/permission' : ''}`;
}
