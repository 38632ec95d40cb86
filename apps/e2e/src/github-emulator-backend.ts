import { Agent, request as httpRequest } from 'node:http';
import { freePort } from '@teko/testing';
import { createEmulator, type Emulator } from 'emulate';
import { Octokit } from 'octokit';
import type { HttpResponse, HttpRequest } from './github-http';

/** Hop-by-hop headers, which are not forwarded. */
const HOP_BY_HOP_HEADERS = new Set([
  'connection',
  'transfer-encoding',
  'keep-alive',
  'content-length',
  'content-encoding',
]);

/** Returns GitHub's own client without retries and throttling. */
export function clientOf(baseUrl: string, token: string): Octokit {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return new Octokit({ baseUrl, auth: token, retry: { enabled: false }, throttle: { enabled: false }, log });
}

/** Receives a webhook of the third-party emulator. */
type WebhookHandler = (headers: Record<string, string>, body: string) => void;

/** Initial state and settings of the third-party emulator. */
export interface BackendSetup {
  seed: Record<string, unknown>;
  /** Prefix of the URLs in responses and webhooks. */
  baseUrl: string;
  /** Configured address of the webhooks. */
  webhookUrl: string;
  /** Admin tokens by repository owner: several, because each has a rate limit. */
  admins: Map<string, string[]>;
  /** Logins by token. */
  tokens: Map<string, string>;
}

/** The third-party GitHub emulator (npm package `emulate`) behind the proxy. */
export class EmulatorBackend {
  // The emulator may close a reused connection at the moment a request is sent on it.
  private readonly agent = new Agent({ keepAlive: false });
  private nextToken = 0;
  private handleWebhook: WebhookHandler = () => {};
  private readonly restoreFetch: () => void;

  private constructor(
    private readonly emulator: Emulator,
    private readonly port: number,
    private readonly admins: Map<string, string[]>,
    webhookUrl: string,
  ) {
    this.restoreFetch = interceptWebhooks(webhookUrl, (headers, body) => this.handleWebhook(headers, body));
  }

  static async start({ seed, baseUrl, webhookUrl, admins, tokens }: BackendSetup): Promise<EmulatorBackend> {
    const port = await freePort();
    const named = Object.fromEntries([...tokens].map(([token, login]) => [token, { login }]));
    const emulator = await createEmulator({ service: 'github', port, baseUrl, seed: { tokens: named, github: seed } });
    return new EmulatorBackend(emulator, port, admins, webhookUrl);
  }

  get privateKey(): string {
    return this.emulator.generatedSecrets[0]?.value ?? '';
  }

  /** Returns a client with admin permission on the repository. Its requests bypass the proxy. */
  admin(repository: string): Octokit {
    const tokens = this.admins.get(repository.split('/')[0] ?? '') ?? [];
    return this.client(tokens[this.nextToken++ % tokens.length] ?? '');
  }

  client(token: string): Octokit {
    return clientOf(`http://127.0.0.1:${this.port}`, token);
  }

  /** Sets the receiver of webhooks. It is called before the request that caused the webhook gets its response. */
  onWebhook(handler: WebhookHandler): void {
    this.handleWebhook = handler;
  }

  /** Forwards a request; `change` replaces parts of it. Sends `{}` if there is no body, because the emulator requires one. */
  async forward(
    request: HttpRequest,
    change: { method?: string; url?: string; json?: unknown } = {},
  ): Promise<HttpResponse> {
    const method = change.method ?? request.method;
    const isBare = request.body.length === 0 && ['POST', 'PUT', 'PATCH'].includes(method);
    const json = change.json ?? (isBare ? {} : undefined);
    const body = json === undefined ? request.body : Buffer.from(JSON.stringify(json));
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP_HEADERS.has(name)),
    );
    if (json !== undefined) headers['content-type'] = 'application/json';
    if (body.length > 0) headers['content-length'] = String(body.length);
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        {
          host: '127.0.0.1',
          port: this.port,
          agent: this.agent,
          method,
          path: change.url ?? request.url,
          headers,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const forwarded = Object.entries(incoming.headers).filter(
              ([name]) => !HOP_BY_HOP_HEADERS.has(name) && name !== 'date',
            );
            resolve({
              status: incoming.statusCode ?? 500,
              headers: Object.fromEntries(forwarded.map(([name, value]) => [name, String(value)])),
              body: Buffer.concat(chunks),
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async close(): Promise<void> {
    this.restoreFetch();
    this.agent.destroy();
    await this.emulator.close();
  }
}

/**
 * Passes the emulator's webhooks to `handler` in process and returns a function that undoes it. The emulator sends them with the
 * global `fetch` without waiting, so over the network they would arrive at any time.
 */
function interceptWebhooks(url: string, handler: WebhookHandler): () => void {
  const original = globalThis.fetch;
  const intercepting: typeof fetch = async (input, init) => {
    if (input !== url) return original(input, init);
    handler(init?.headers as Record<string, string>, String(init?.body));
    return new Response(null, { status: 202 });
  };
  globalThis.fetch = intercepting;
  return () => {
    if (globalThis.fetch === intercepting) globalThis.fetch = original;
  };
}
