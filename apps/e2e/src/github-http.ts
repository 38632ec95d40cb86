import { gunzipSync } from 'node:zlib';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

export type Json = Record<string, unknown>;

/** A complete response. */
export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A request with its complete body. */
export class HttpRequest {
  private constructor(
    readonly method: string,
    readonly path: string,
    readonly query: URLSearchParams,
    readonly headers: IncomingHttpHeaders,
    /** Decompressed if it was sent with gzip. */
    readonly body: Buffer,
  ) {}

  static async read(request: IncomingMessage): Promise<HttpRequest> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://host');
    const received = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(received) : received;
    return new HttpRequest(request.method ?? 'GET', url.pathname, url.searchParams, request.headers, body);
  }

  get url(): string {
    const query = this.query.toString();
    return query ? `${this.path}?${query}` : this.path;
  }

  get authorization(): string {
    return this.headers.authorization ?? '';
  }

  /** The body if it is a JSON object, otherwise an empty object. */
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

export function jsonResponse(status: number, value: unknown, headers: Record<string, string> = {}): HttpResponse {
  if (status === 204 || status === 304) return { status, headers, body: Buffer.alloc(0) };
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** Returns an error in GitHub's format. */
export function errorResponse(status: number, message: string, more: Json = {}): HttpResponse {
  return jsonResponse(status, {
    message,
    ...more,
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  });
}

/** Returns GitHub's 422 response with one validation error. */
export function validationFailed(error: Json): HttpResponse {
  return errorResponse(422, 'Validation Failed', { errors: [error] });
}

/** Returns the requested page of a list, with `link` headers to the other pages. */
export function pagedResponse(
  request: HttpRequest,
  origin: string,
  list: unknown[],
  wrap: (page: unknown[]) => unknown = (page) => page,
) {
  const size = Math.min(100, Math.max(1, Number(request.query.get('per_page')) || 30));
  const page = Math.max(1, Number(request.query.get('page')) || 1);
  const last = Math.max(1, Math.ceil(list.length / size));
  const link = (number: number, rel: string) => {
    const query = new URLSearchParams(request.query);
    query.set('page', String(number));
    return `<${origin}${request.path}?${query}>; rel="${rel}"`;
  };
  const links = [];
  if (page > 1) links.push(link(page - 1, 'prev'), link(1, 'first'));
  if (page < last) links.push(link(page + 1, 'next'), link(last, 'last'));
  const slice = list.slice((page - 1) * size, page * size);
  return jsonResponse(200, wrap(slice), links.length ? { link: links.join(', ') } : {});
}
