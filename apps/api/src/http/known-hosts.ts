import { isIP } from 'node:net';
import { HttpException, HttpStatus } from '@nestjs/common';
import { DomainError } from '@teko/domain';
import { isExposed, isLoopback, type TekoSettings } from '@teko/platform';
import type { NextFunction, Request, Response } from 'express';

/** Called by services under names of their own: webhooks are signed, and probes return nothing that is secret. */
const OPEN_PATHS = /^\/(webhooks(\/|$)|healthz\/?$|readyz\/?$)/i;

type HostSettings = Pick<TekoSettings, 'HOST' | 'TEKO_URL' | 'TEKO_PROXIES' | 'TEKO_HOSTS'>;

/**
 * Rejects requests whose `Host` is not a name of this server, and requests of pages of other origins. Otherwise any web page could
 * reach a Teko that listens on loopback, by a name that resolves to 127.0.0.1 (DNS rebinding).
 */
export function requireKnownHost(settings: HostSettings) {
  const isKnown = knownHosts(settings);
  return (request: Request, _response: Response, next: NextFunction): void => {
    if (OPEN_PATHS.test(request.path)) return next();
    const { host = '', origin } = request.headers;
    // Behind a trusted proxy, Express takes the name from X-Forwarded-Host.
    if (!isKnown(nameOf(`http://${host}`)) && !(settings.TEKO_PROXIES > 0 && isKnown(request.hostname ?? ''))) {
      const message = `Teko does not answer requests for the host "${host.slice(0, 100)}". Open Teko by its own address, set TEKO_URL to the address that you use, or name the host in TEKO_HOSTS.`;
      return next(new HttpException(message, HttpStatus.MISDIRECTED));
    }
    if (origin !== undefined && !isKnown(nameOf(origin)))
      return next(new DomainError('forbidden', 'Requests of pages of another origin are refused.'));
    next();
  };
}

/** Returns the name or address in a URL, without brackets, or an empty string. */
function nameOf(url: string): string {
  return URL.canParse(url) ? bare(new URL(url).hostname) : '';
}

function bare(host: string): string {
  return host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

/** Returns a function that tells whether a host is a name of this server. */
function knownHosts(settings: HostSettings): (host: string) => boolean {
  const { HOST, TEKO_URL, TEKO_HOSTS } = settings;
  const names = new Set([HOST, ...TEKO_HOSTS, ...(TEKO_URL ? [new URL(TEKO_URL).hostname] : [])].map(bare));
  const exposed = isExposed(settings);
  // Who opens Teko to a network without naming it reaches it by any name.
  const isAnyKnown = exposed && TEKO_URL === undefined && TEKO_HOSTS.length === 0;
  return (host) => host !== '' && (isAnyKnown || names.has(host) || isLoopback(host) || (exposed && isIP(host) !== 0));
}
