import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { chromaProcesses, shareChromaInstall } from '@teko/testing';
import { expect, vi } from 'vitest';
import { ChromaServer } from './chroma-server';

/** Less than the timeouts of hooks and tests, so that the error names what hangs. */
const START_TIMEOUT_MS = 150_000;
/** Long, because Chroma may have to be installed first. */
export const INSTALL_TIMEOUT_MS = 300_000;

/** An embedded Chroma with its own data folder. */
export class ChromaFixture {
  readonly home = shareChromaInstall(mkdtempSync(join(tmpdir(), 'teko-chroma-')));
  readonly server = new ChromaServer(this.home);

  /** Resolves when the server is ready. */
  async start(): Promise<this> {
    Logger.overrideLogger(['error']);
    this.server.start();
    try {
      await this.waitUntilUp();
      return this;
    } catch (error) {
      await this.remove();
      throw error;
    }
  }

  waitUntilUp(): Promise<string> {
    return vi.waitFor(() => this.server.url, { timeout: START_TIMEOUT_MS, interval: 20 });
  }

  /** Resolves when `server` has noticed that it is down. */
  async waitUntilDown(reason: RegExp = /./): Promise<void> {
    await vi.waitFor(() => expect(() => this.server.url).toThrow(reason), { timeout: START_TIMEOUT_MS, interval: 5 });
  }

  /** Kills the process. Resolves when `server` has noticed it. */
  async kill(): Promise<void> {
    const [pid] = chromaProcesses(this.home);
    process.kill(pid!, 'SIGKILL');
    await this.waitUntilDown();
  }

  async remove(): Promise<void> {
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** A proxy that can hold back the responses of the server. */
export class SlowProxy {
  isHolding = false;
  private whenHeld: () => void = () => undefined;
  /** Resolves when the first response is held back. */
  readonly firstHeld = new Promise<void>((resolve) => (this.whenHeld = resolve));
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => {
    const server = connect(this.port, '127.0.0.1');
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [client, server].forEach((one) => one.destroy()));
    }
    client.pipe(server);
    server.on('data', (chunk) => (this.isHolding ? this.whenHeld() : client.write(chunk)));
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
