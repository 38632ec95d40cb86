import { gunzipSync } from 'node:zlib';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

export type Json = Record<string, unknown>;

/** What goes back to a caller. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A request as it came, its body read to the end. */
export class Call {
  private constructor(
    readonly method: string,
    readonly path: string,
    readonly query: URLSearchParams,
    readonly headers: IncomingHttpHeaders,
    /** Unpacked where it came compressed. */
    readonly body: Buffer,
  ) {}

  static async read(request: IncomingMessage): Promise<Call> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://host');
    const packed = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed;
    return new Call(request.method ?? 'GET', url.pathname, url.searchParams, request.headers, body);
  }

  get url(): string {
    const query = this.query.toString();
    return query ? `${this.path}?${query}` : this.path;
  }

  get authorization(): string {
    return this.headers.authorization ?? '';
  }

  /** The body, if it is a JSON object; empty otherwise. */
  get json(): Json {
    try {
      const value: unknown = JSON.parse(this.body.toString());
      return isJson(value) ? value : {};
    } catch {
      return {};
    }
  }
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function answer(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  if (status === 204 || status === 304) return { status, headers, body: Buffer.alloc(0) };
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** A refusal in the form of GitHub's. */
export function refusal(status: number, message: string, more: Json = {}): Answer {
  return answer(status, {
    message,
    ...more,
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  });
}

/** 422 with one reason. */
export function invalid(error: Json): Answer {
  return refusal(422, 'Validation Failed', { errors: [error] });
}

/** One page of a list, with the links to the others. */
export function paged(
  call: Call,
  origin: string,
  list: unknown[],
  wrap: (page: unknown[]) => unknown = (page) => page,
) {
  const size = Math.min(100, Math.max(1, Number(call.query.get('per_page')) || 30));
  const page = Math.max(1, Number(call.query.get('page')) || 1);
  const last = Math.max(1, Math.ceil(list.length / size));
  const link = (number: number, rel: string) => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(number));
    return `<${origin}${call.path}?${query}>; rel="${rel}"`;
  };
  const links = [];
  if (page > 1) links.push(link(page - 1, 'prev'), link(1, 'first'));
  if (page < last) links.push(link(page + 1, 'next'), link(last, 'last'));
  const slice = list.slice((page - 1) * size, page * size);
  return answer(200, wrap(slice), links.length ? { link: links.join(', ') } : {});
}
