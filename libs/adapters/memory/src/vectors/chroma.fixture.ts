import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { chromaProcesses, shareChromaInstall } from '@teko/testing';
import { expect, vi } from 'vitest';
import { ChromaServer } from './chroma-server';

/** Ends only what hangs; less than the limits of the hooks and tests that wait so long, so that it says what hangs. */
const START_TIMEOUT_MS = 150_000;
/** It may be installed first. */
export const INSTALL_TIMEOUT_MS = 300_000;

/** An embedded Chroma with a data folder of its own. */
export class ChromaFixture {
  readonly home = shareChromaInstall(mkdtempSync(join(tmpdir(), 'teko-chroma-')));
  readonly server = new ChromaServer(this.home);

  /** Resolves once it answers. */
  async start(): Promise<this> {
    Logger.overrideLogger(['error']);
    this.server.start();
    try {
      await this.isUp();
      return this;
    } catch (error) {
      await this.remove();
      throw error;
    }
  }

  isUp(): Promise<string> {
    return vi.waitFor(() => this.server.url, { timeout: START_TIMEOUT_MS, interval: 20 });
  }

  /** Resolves once it is noticed that it does not answer any more. */
  async isDown(reason: RegExp = /./): Promise<void> {
    await vi.waitFor(() => expect(() => this.server.url).toThrow(reason), { timeout: START_TIMEOUT_MS, interval: 5 });
  }

  /** Ends it as the kernel would; resolves once that was noticed. */
  async kill(): Promise<void> {
    for (const pid of chromaProcesses(this.home)) process.kill(pid, 'SIGKILL');
    await this.isDown();
  }

  async remove(): Promise<void> {
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Stands between a client and a server, and can hold back what the server answers. */
export class SlowProxy {
  holds = false;
  private whenHeld: () => void = () => undefined;
  /** Resolves when an answer is held back for the first time. */
  readonly held = new Promise<void>((resolve) => (this.whenHeld = resolve));
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => {
    const server = connect(this.port, '127.0.0.1');
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [client, server].forEach((one) => one.destroy()));
    }
    client.pipe(server);
    server.on('data', (chunk) => (this.holds ? this.whenHeld() : client.write(chunk)));
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
