import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onEnd } from './resources';

const QUERY = 0x03;

/** A proxy between a process and MariaDB that records every write and can run an action just before or after one. */
export class DatabaseProxy {
  /** Committed writes in order: a statement, or all statements of a transaction. */
  readonly writes: string[] = [];
  private failpoint: Failpoint | null = null;
  private readonly connections = new Set<Connection>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  static async start(target: string): Promise<DatabaseProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new DatabaseProxy(server, new URL(target));
    onEnd(() => proxy.close());
    return proxy;
  }

  /** The database URL of the observed process. */
  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.toString().replace(/\/$/, '');
  }

  /** Waits for the nth write with this name; resolves once `action` is completed. */
  arm(failpoint: Omit<Failpoint, 'left' | 'onTriggered'> & { occurrence: number }): Promise<void> {
    return new Promise((onTriggered) => (this.failpoint = { ...failpoint, left: failpoint.occurrence, onTriggered }));
  }

  /** Removes the failpoint. Returns true if it was not triggered. */
  disarm(): boolean {
    const wasArmed = this.failpoint !== null;
    this.failpoint = null;
    return wasArmed;
  }

  /** Closes all open connections; new ones are accepted. */
  closeConnections(): void {
    for (const connection of this.connections) connection.end();
  }

  private async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.closeConnections();
    await closed;
  }

  private accept(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    const connection = new Connection(client, server);
    this.connections.add(connection);
    client.on('close', () => this.connections.delete(connection));
    void this.forward(connection).catch(() => connection.end());
    server.on('data', (data) => void this.forwardResponse(connection, data));
  }

  private async forward(connection: Connection): Promise<void> {
    for await (const packet of packets(connection.client)) {
      const write =
        packet[3] === 0 && packet[4] === QUERY ? connection.committedWrite(packet.subarray(5).toString()) : null;
      if (write) this.writes.push(write);
      const failpoint = write ? this.triggered(write) : null;
      if (failpoint?.moment === 'before') {
        await this.trigger(failpoint);
        if (failpoint.closesConnection) return;
      }
      if (failpoint?.moment === 'after') connection.failpoint = failpoint;
      connection.server.write(packet);
    }
  }

  private async forwardResponse(connection: Connection, data: Buffer): Promise<void> {
    const { failpoint } = connection;
    if (!failpoint) return void connection.client.write(data);
    connection.failpoint = null;
    await this.trigger(failpoint);
    if (!failpoint.closesConnection) connection.client.write(data);
  }

  private triggered(write: string): Failpoint | null {
    if (this.failpoint?.write !== write || --this.failpoint.left > 0) return null;
    const { failpoint } = this;
    this.failpoint = null;
    return failpoint;
  }

  private async trigger(failpoint: Failpoint): Promise<void> {
    await failpoint.action();
    failpoint.onTriggered();
  }
}

interface Failpoint {
  write: string;
  moment: 'before' | 'after';
  /** Whether `action` closes the connection. */
  closesConnection: boolean;
  action: () => Promise<void> | void;
  left: number;
  onTriggered: () => void;
}

/** One connection with its open transaction. */
class Connection {
  failpoint: Failpoint | null = null;
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

  /** Returns the name of the write that this statement commits, or null if it commits none. */
  committedWrite(statement: string): string | null {
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

/** Returns the verb and table of a write, and for an update the columns; null for other statements. */
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
