import { PayloadTooLargeException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** The raw body of a webhook, because signatures are computed over bytes. */
export type WebhookRequest = Request & { body: Buffer };

/**
 * How many bytes of a rejected body are discarded, and for how long. Closing a connection with unread data resets it, so
 * that a client that is still sending would never see the response.
 */
const LINGER_BYTES = 8 * 1024 * 1024;
const LINGER_TIMEOUT_MS = 2_000;

/** Reads the raw body. Rejects a body that is too large as soon as that is known, without reading the rest. */
export function webhookBody(maxBytes: number) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const contentLength = Number(request.headers['content-length'] ?? 0);
    const chunks: Buffer[] = [];
    let bytes = 0;
    /** Bytes still to discard; null while the body is accepted. */
    let bytesToDiscard: number | null = null;
    const reject = () => {
      bytesToDiscard = LINGER_BYTES;
      // With keep-alive the server would read the rest of the body to find the next request.
      response.setHeader('Connection', 'close');
      linger(request);
      next(new PayloadTooLargeException(`The body is larger than ${maxBytes / 1024 / 1024} MB.`));
    };
    request.on('data', (chunk: Buffer) => {
      if (bytesToDiscard !== null) {
        bytesToDiscard -= chunk.length;
        if (bytesToDiscard < 0) request.socket.destroy();
        return;
      }
      bytes += chunk.length;
      if (bytes <= maxBytes) return void chunks.push(chunk);
      chunks.length = 0;
      reject();
    });
    request.on('end', () => {
      if (bytesToDiscard !== null) return;
      (request as WebhookRequest).body = Buffer.concat(chunks);
      next();
    });
    if (contentLength > maxBytes) reject();
  };
}

/** Half-closes the connection after the response instead of closing it. The client or the timeout closes it. */
function linger({ socket }: Request): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon = () => void socket.end();
}
