import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onEnd } from './resources';

/** A proxy that keeps what each client sends. */
export class TcpRecorder {
  readonly sent: Buffer[] = [];

  private constructor(readonly port: number) {}

  static async start(targetPort: number): Promise<TcpRecorder> {
    const sockets = new Set<Socket>();
    const server = createServer((client) => {
      const target = connect(targetPort, '127.0.0.1');
      const index = recorder.sent.push(Buffer.alloc(0)) - 1;
      client.on('data', (data: Buffer) => (recorder.sent[index] = Buffer.concat([recorder.sent[index]!, data])));
      client.pipe(target).pipe(client);
      for (const [socket, other] of [
        [client, target],
        [target, client],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => other.destroy());
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const recorder = new TcpRecorder((server.address() as AddressInfo).port);
    onEnd(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return recorder;
  }
}
