import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { chromaProcesses, keepChroma } from '@teko/testing';
import { expect, vi } from 'vitest';
import { ChromaServer } from './chroma-server';

/** An embedded Chroma with a data folder of its own. */
export class ChromaFixture {
  readonly home = keepChroma(mkdtempSync(join(tmpdir(), 'teko-chroma-')));
  readonly server = new ChromaServer(this.home);

  /** Resolves once it answers. */
  async start(): Promise<this> {
    Logger.overrideLogger(['error']);
    this.server.start();
    await this.isUp();
    return this;
  }

  isUp(): Promise<string> {
    return vi.waitFor(() => this.server.url, { timeout: 300_000, interval: 20 });
  }

  /** Ends it as the kernel would; resolves once that was noticed. */
  async kill(): Promise<void> {
    for (const pid of chromaProcesses(this.home)) process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(() => this.server.url).toThrow(), { timeout: 10_000, interval: 5 });
  }

  async remove(): Promise<void> {
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Stands between a client and a server, and can hold back what the server answers. */
export class SlowProxy {
  holds = false;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => {
    const server = connect(this.port, '127.0.0.1');
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [client, server].forEach((one) => one.destroy()));
    }
    client.pipe(server);
    server.on('data', (chunk) => this.holds || client.write(chunk));
  });

  constructor(private readonly port: number) {}

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
