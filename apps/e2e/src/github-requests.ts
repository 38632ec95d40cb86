import type { FaultKind } from './github-faults';
import type { Answer, Call } from './github-http';

/** A request of Teko. */
export interface RecordedRequest {
  number: number;
  kind: 'rest' | 'graphql' | 'git';
  method: string;
  /** Path and query. */
  url: string;
  /** Method and path, with everything that differs from one object to the next replaced. */
  call: string;
  /** Without credentials. */
  headers: Record<string, string>;
  body: string;
  /** Null where no answer went back. */
  status: number | null;
  fault: FaultKind | null;
}

/** What Teko asked for, in order. */
export class GithubRequests {
  readonly all: RecordedRequest[] = [];

  /** Those of one call, such as `POST /repos/{owner}/{repo}/pulls`. */
  of(call: string): RecordedRequest[] {
    return this.all.filter((request) => request.call === call);
  }

  /** Writes it down; `end` takes the outcome. */
  begin(call: Call, kind: RecordedRequest['kind']) {
    const { authorization: _secret, ...headers } = call.headers;
    const request: RecordedRequest = {
      number: this.all.length + 1,
      kind,
      method: call.method,
      url: call.url,
      call: callName(call, kind),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      body: kind === 'git' ? '' : call.body.toString(),
      status: null,
      fault: null,
    };
    this.all.push(request);
    const end = (fault: FaultKind | null, answer: Answer | null) => {
      request.fault = fault;
      request.status = answer?.status ?? null;
    };
    return { name: request.call, end };
  }
}

/** Parts of paths behind which there is a name. */
const NAMED =
  /\/(labels|collaborators|contents|compare|branches|ref|refs|matching-refs|assignees|users|orgs|teams)\/[^?]+$/;

/** The name of a call, by which faults and stories know it. */
export function callName(call: Call, kind: RecordedRequest['kind']): string {
  const { method, path } = call;
  if (kind === 'git') {
    const service = call.query.get('service');
    return `${method} /{owner}/{repo}.git/${path.split('.git/')[1]}${service ? `?service=${service}` : ''}`;
  }
  const rest = path.startsWith('/repos/') ? path.replace(/^\/repos\/[^/]+\/[^/]+/, '/repos/{owner}/{repo}') : path;
  const plain = rest
    .replace(/\/permission$/, '')
    .replace(/\/commits\/[^/]+/, '/commits/{ref}')
    .replace(/\/(git\/(?:commits|trees|blobs)|statuses)\/[^/]+/, '/$1/{sha}')
    .replace(/\/\d+(?=\/|$)/g, '/{n}')
    .replace(NAMED, '/$1/{name}');
  return `${method} ${plain}${path.endsWith('/permission') ? '/permission' : ''}`;
}
