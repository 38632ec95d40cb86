import { PayloadTooLargeException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** Signatures are over bytes, so a webhook's body stays as it came. */
export type WebhookRequest = Request & { body: Buffer };

/**
 * So much, and for so long, is thrown away of a body that was refused: a connection that is closed while something in it is
 * unread is reset, and whoever is still sending never sees the answer.
 */
const LINGER_BYTES = 8 * 1024 * 1024;
const LINGER_TIMEOUT_MS = 2_000;

/** Reads the body as it came. One that is too large is refused as soon as that is known, and not read to its end. */
export function webhookBody(mostBytes: number) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const said = Number(request.headers['content-length'] ?? 0);
    const parts: Buffer[] = [];
    let bytes = 0;
    let leftBytes: number | null = null;
    const refuse = () => {
      leftBytes = LINGER_BYTES;
      // Else the server would read the rest to find the next request behind it.
      response.setHeader('Connection', 'close');
      linger(request);
      next(new PayloadTooLargeException(`The body is larger than ${mostBytes / 1024 / 1024} MB.`));
    };
    request.on('data', (part: Buffer) => {
      if (leftBytes !== null) {
        leftBytes -= part.length;
        if (leftBytes < 0) request.socket.destroy();
        return;
      }
      bytes += part.length;
      if (bytes <= mostBytes) return void parts.push(part);
      parts.length = 0;
      refuse();
    });
    request.on('end', () => {
      if (leftBytes !== null) return;
      (request as WebhookRequest).body = Buffer.concat(parts);
      next();
    });
    if (said > mostBytes) refuse();
  };
}

/** Where the server would close the connection behind its answer, it only says that nothing more comes; the sender closes it, or time does. */
function linger({ socket }: Request): void {
  const end = setTimeout(() => socket.destroy(), LINGER_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(end));
  socket.destroySoon = () => void socket.end();
}
