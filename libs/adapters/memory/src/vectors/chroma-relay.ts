import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const TOKEN_HEADER = 'x-chroma-token';

/**
 * Forwards requests with the right token from a port of the loopback interface to the socket of the embedded Chroma, which cannot
 * check tokens itself. Other users of this host know neither the token nor the socket.
 */
export class ChromaRelay {
  readonly headers: Record<string, string>;
  private readonly token = randomBytes(32);
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly socket: string,
    private readonly server: Server,
  ) {
    this.headers = { [TOKEN_HEADER]: this.token.toString('base64url') };
    server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => this.forward(incoming, outgoing));
  }

  static async start(socket: string): Promise<ChromaRelay> {
    const relay = new ChromaRelay(socket, createServer());
    await new Promise<void>((resolve, reject) => relay.server.once('error', reject).listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (!this.isAuthorized(incoming.headers[TOKEN_HEADER])) {
      outgoing.writeHead(401, { 'content-type': 'application/json', connection: 'close' });
      outgoing.end('{"error":"Unauthorized","message":"the token is missing or wrong"}');
      return;
    }
    const { method, url, headers } = incoming;
    const forwarded = request({ socketPath: this.socket, agent: this.agent, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  }

  private isAuthorized(header: string | string[] | undefined): boolean {
    const given = Buffer.from(typeof header === 'string' ? header : '', 'base64url');
    return given.length === this.token.length && timingSafeEqual(given, this.token);
  }
}
