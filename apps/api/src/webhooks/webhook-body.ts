import { PayloadTooLargeException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** Signatures are over bytes, so a webhook's body stays as it came. */
export type WebhookRequest = Request & { body: Buffer };

/** Reads the body as it came. One that is too large is refused as soon as that is known, and read no further. */
export function webhookBody(mostBytes: number) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const refuse = () => {
      // Else the server would read the rest to find the next request behind it.
      response.setHeader('Connection', 'close');
      next(new PayloadTooLargeException(`The body is larger than ${mostBytes / 1024 / 1024} MB.`));
    };
    if (Number(request.headers['content-length'] ?? 0) > mostBytes) return refuse();
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', function take(part: Buffer) {
      bytes += part.length;
      if (bytes <= mostBytes) return void parts.push(part);
      request.off('data', take).pause();
      refuse();
    });
    request.on('end', () => {
      (request as WebhookRequest).body = Buffer.concat(parts);
      next();
    });
  };
}
