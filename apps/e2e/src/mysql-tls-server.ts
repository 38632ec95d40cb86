import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificates } from './certificates';
import { onEnd } from './resources';

const CLIENT_SSL = 0x800;
const CAPABILITIES = 0x000fa20f | CLIENT_SSL;
const ACCESS_DENIED = 1045;
const TLS_HANDSHAKE = 22;

/** Stands for a MySQL server that requires TLS: it refuses every login, and records what clients send before TLS. */
export class MysqlTlsServer {
  /** The bytes of each connection up to its TLS hello. */
  readonly plain: Buffer[] = [];
  /** Users who logged in over TLS. */
  readonly users: string[] = [];

  private constructor(readonly port: number) {}

  static async start({ cert, key }: Certificates): Promise<MysqlTlsServer> {
    const sockets = new Set<Socket>();
    const tls = { isServer: true, cert: readFileSync(cert), key: readFileSync(key) };
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.write(packet(0, greeting()));
      socket.once('readable', () => {
        const request = socket.read() as Buffer | null;
        if (!request) return;
        // The hello of TLS can arrive with the request for it.
        const end = 4 + request.readUIntLE(0, 3);
        fake.plain.push(request[end] === TLS_HANDSHAKE ? request.subarray(0, end) : request);
        if (request.length > end) socket.unshift(request.subarray(end));
        const secure = new TLSSocket(socket, tls);
        secure.on('error', () => undefined);
        secure.once('data', (login: Buffer) => {
          fake.users.push(login.subarray(36, login.indexOf(0, 36)).toString());
          secure.end(packet(3, refusal()));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new MysqlTlsServer((server.address() as AddressInfo).port);
    onEnd(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return fake;
  }
}

function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

/** A handshake of protocol version 10. */
function greeting(): Buffer {
  const numbers = Buffer.alloc(18);
  numbers.writeUInt16LE(CAPABILITIES & 0xffff, 0);
  numbers[2] = 45;
  numbers.writeUInt16LE(2, 3);
  numbers.writeUInt16LE(CAPABILITIES >>> 16, 5);
  numbers[7] = 21;
  const text = (value: string) => Buffer.from(`${value}\0`);
  const [version, plugin] = [text('8.0.0'), text('mysql_native_password')];
  return Buffer.concat([
    Buffer.from([10]),
    version,
    Buffer.alloc(4),
    Buffer.from('12345678\0'),
    numbers,
    text('123456789012'),
    plugin,
  ]);
}

function refusal(): Buffer {
  const code = Buffer.alloc(2);
  code.writeUInt16LE(ACCESS_DENIED);
  return Buffer.concat([Buffer.from([0xff]), code, Buffer.from('#28000Access denied')]);
}
