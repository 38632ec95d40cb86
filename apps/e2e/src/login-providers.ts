import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '@teko/testing';
import { createEmulator } from 'emulate';
import Provider from 'oidc-provider';
import { onEnd } from './resources';

export interface LoginProvider {
  url: string;
}

export const CLIENT = { id: 'teko-client', secret: 'teko-client-secret-canary' };

/** Starts a third-party emulator of GitHub's OAuth sign-in, with one button per user. Closed at the end of the test or file. */
export async function githubSignIn(
  callback: string,
  users: { login: string; name: string; email: string }[],
  orgs: { login: string; members: { login: string; role: string }[] }[],
): Promise<LoginProvider> {
  const oauth_apps = [{ client_id: CLIENT.id, client_secret: CLIENT.secret, name: 'Teko', redirect_uris: [callback] }];
  const seed = { github: { users, orgs, oauth_apps } };
  const emulator = await createEmulator({ service: 'github', port: await freePort(), seed });
  onEnd(() => emulator.close());
  return emulator;
}

/** Starts an OpenID Connect provider that requires PKCE. The login is an email address; those starting with `unverified` are not verified. */
export async function openIdSignIn(callback: string): Promise<LoginProvider> {
  const server = createServer().listen(0, '127.0.0.1');
  onEnd(() => closed(server));
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [callback] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['scenario'] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: sub, email_verified: !sub.startsWith('unverified'), name: sub.split('@')[0] }),
    }),
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  return { url };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
