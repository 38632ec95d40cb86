import { Agent, request } from 'node:http';
import { freePort } from '@teko/testing';
import { createEmulator, type Emulator } from 'emulate';
import { Octokit } from 'octokit';
import type { Answer, Call } from './github-http';

/** Headers that belong to one connection and not to the message. */
const HOP = new Set(['connection', 'transfer-encoding', 'keep-alive', 'content-length', 'content-encoding']);

/** GitHub's own client, without waiting and repeating. */
export function clientOf(baseUrl: string, token: string): Octokit {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return new Octokit({ baseUrl, auth: token, retry: { enabled: false }, throttle: { enabled: false }, log });
}

/** Takes a webhook of the emulator. */
type Take = (headers: Record<string, string>, body: string) => void;

/** What the emulation begins with. */
export interface BackendSetup {
  seed: Record<string, unknown>;
  /** With what its URLs begin, in answers and webhooks. */
  baseUrl: string;
  /** Where it is told to send webhooks. */
  webhookUrl: string;
  /** Tokens of who may do everything, by owner of repositories: several, as each has a rate limit. */
  admins: Map<string, string[]>;
  /** Token to login. */
  tokens: Map<string, string>;
}

/** The third-party emulation behind the proxy. */
export class EmulatorBackend {
  // A kept connection may be closed by the emulator just when it is used again.
  private readonly agent = new Agent({ keepAlive: false });
  private turn = 0;
  private take: Take = () => {};
  private readonly release: () => void;

  private constructor(
    private readonly emulator: Emulator,
    private readonly port: number,
    private readonly admins: Map<string, string[]>,
    webhookUrl: string,
  ) {
    this.release = caught(webhookUrl, (headers, body) => this.take(headers, body));
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

  /** Signed in as who may do everything in this repository, past the proxy. */
  admin(repository: string): Octokit {
    const tokens = this.admins.get(repository.split('/')[0] ?? '') ?? [];
    return this.client(tokens[this.turn++ % tokens.length] ?? '');
  }

  client(token: string): Octokit {
    return clientOf(`http://127.0.0.1:${this.port}`, token);
  }

  /** Who takes webhooks from now on; each is there before the answer to the call that caused it. */
  onWebhook(take: Take): void {
    this.take = take;
  }

  /** Passes a call on; `change` replaces parts of it. Where GitHub wants no body the emulator still wants one. */
  async forward(call: Call, change: { method?: string; url?: string; json?: unknown } = {}): Promise<Answer> {
    const method = change.method ?? call.method;
    const isBare = call.body.length === 0 && ['POST', 'PUT', 'PATCH'].includes(method);
    const json = change.json ?? (isBare ? {} : undefined);
    const body = json === undefined ? call.body : Buffer.from(JSON.stringify(json));
    const headers = Object.fromEntries(Object.entries(call.headers).filter(([name]) => !HOP.has(name)));
    if (json !== undefined) headers['content-type'] = 'application/json';
    if (body.length > 0) headers['content-length'] = String(body.length);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: this.port,
          agent: this.agent,
          method,
          path: change.url ?? call.url,
          headers,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const kept = Object.entries(incoming.headers).filter(([name]) => !HOP.has(name) && name !== 'date');
            resolve({
              status: incoming.statusCode ?? 500,
              headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
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
    this.release();
    this.agent.destroy();
    await this.emulator.close();
  }
}

/** The emulator sends webhooks by this process's `fetch` and does not wait: on the network they would come at any time. */
function caught(url: string, take: Take): () => void {
  const original = globalThis.fetch;
  const catching: typeof fetch = async (input, init) => {
    if (input !== url) return original(input, init);
    take(init?.headers as Record<string, string>, String(init?.body));
    return new Response(null, { status: 202 });
  };
  globalThis.fetch = catching;
  return () => {
    if (globalThis.fetch === catching) globalThis.fetch = original;
  };
}
