import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onEnd } from './resources';

const QUERY = 0x03;

/** Stands between a process and MariaDB, sees every write, and can break in just before or after one. */
export class DatabaseProxy {
  /** What was written, in order: the statement, or all that one transaction wrote. */
  readonly writes: string[] = [];
  private trap: Trap | null = null;
  private readonly links = new Set<Link>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.link(client));
  }

  static async start(target: string): Promise<DatabaseProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new DatabaseProxy(server, new URL(target));
    onEnd(() => proxy.close());
    return proxy;
  }

  /** The address for a process that is to be watched. */
  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.toString().replace(/\/$/, '');
  }

  /** Waits for the nth write of this name; answers once `spring` is done. */
  arm(trap: Omit<Trap, 'left' | 'sprung'> & { occurrence: number }): Promise<void> {
    return new Promise((sprung) => (this.trap = { ...trap, left: trap.occurrence, sprung }));
  }

  /** Whether nothing was caught. */
  disarm(): boolean {
    const wasArmed = this.trap !== null;
    this.trap = null;
    return wasArmed;
  }

  /** Ends every connection there is; new ones are let through. */
  cut(): void {
    for (const link of this.links) link.end();
  }

  private async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }

  private link(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    const link = new Link(client, server);
    this.links.add(link);
    client.on('close', () => this.links.delete(link));
    void this.forward(link).catch(() => link.end());
    server.on('data', (data) => void this.answer(link, data));
  }

  private async forward(link: Link): Promise<void> {
    for await (const packet of packets(link.client)) {
      const write = packet[3] === 0 && packet[4] === QUERY ? link.written(packet.subarray(5).toString()) : null;
      if (write) this.writes.push(write);
      const trap = write ? this.caught(write) : null;
      if (trap?.moment === 'before') {
        await this.spring(trap);
        if (trap.breaks) return;
      }
      if (trap?.moment === 'after') link.trap = trap;
      link.server.write(packet);
    }
  }

  private async answer(link: Link, data: Buffer): Promise<void> {
    const { trap } = link;
    if (!trap) return void link.client.write(data);
    link.trap = null;
    await this.spring(trap);
    if (!trap.breaks) link.client.write(data);
  }

  private caught(write: string): Trap | null {
    if (this.trap?.write !== write || --this.trap.left > 0) return null;
    const { trap } = this;
    this.trap = null;
    return trap;
  }

  private async spring(trap: Trap): Promise<void> {
    await trap.spring();
    trap.sprung();
  }
}

interface Trap {
  write: string;
  moment: 'before' | 'after';
  /** Whether the connection is gone afterwards. */
  breaks: boolean;
  spring: () => Promise<void> | void;
  left: number;
  sprung: () => void;
}

/** One connection with its open transaction. */
class Link {
  trap: Trap | null = null;
  private transaction: string[] | null = null;

  constructor(
    readonly client: Socket,
    readonly server: Socket,
  ) {
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => this.end());
    }
  }

  end(): void {
    this.client.destroy();
    this.server.destroy();
  }

  /** What becomes lasting by this statement; null where nothing does. */
  written(statement: string): string | null {
    if (/^(START TRANSACTION|BEGIN)/i.test(statement)) this.transaction = [];
    if (/^ROLLBACK/i.test(statement)) this.transaction = null;
    if (/^COMMIT/i.test(statement)) {
      const all = this.transaction ?? [];
      this.transaction = null;
      return all.length > 0 ? all.join(' + ') : null;
    }
    const name = nameOf(statement);
    if (!name || !this.transaction) return name;
    this.transaction.push(name);
    return null;
  }
}

/** Verb and table, and for an update what it sets. */
function nameOf(statement: string): string | null {
  const match = /^(INSERT INTO|UPDATE|DELETE FROM) [`"]?(\w+)[`"]?/i.exec(statement);
  if (!match) return null;
  const [, verb, table] = match;
  if (verb!.toUpperCase() !== 'UPDATE') return `${verb} ${table}`;
  const set = statement.slice(statement.indexOf(' SET ') + 5, statement.lastIndexOf(' WHERE '));
  const columns = [...set.matchAll(/`(\w+)` = /g)].map(([, column]) => column);
  return `UPDATE ${table} (${[...new Set(columns)].filter((column) => column !== 'updatedAt').join(', ')})`;
}

async function* packets(socket: Socket): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
      const end = 4 + rest.readUIntLE(0, 3);
      yield rest.subarray(0, end);
      rest = rest.subarray(end);
    }
  }
}
