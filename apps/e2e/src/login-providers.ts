import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmulator } from 'emulate';
import Provider from 'oidc-provider';

export interface LoginProvider {
  url: string;
  close(): Promise<void>;
}

export const CLIENT = { id: 'teko-client', secret: 'teko-client-secret-canary' };

/** A port that nothing uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await closed(server);
  return port;
}

/** A third-party emulation of GitHub's sign-in with these people; one button each. */
export async function githubSignIn(
  callback: string,
  users: { login: string; name: string; email: string }[],
  orgs: { login: string; members: { login: string; role: string }[] }[],
) {
  const oauth_apps = [{ client_id: CLIENT.id, client_secret: CLIENT.secret, name: 'Teko', redirect_uris: [callback] }];
  const seed = { github: { users, orgs, oauth_apps } };
  return createEmulator({ service: 'github', port: await freePort(), seed });
}

/** A certified OpenID Connect provider that insists on PKCE; who signs in types an address, `unverified…` is not verified. */
export async function openIdSignIn(callback: string): Promise<LoginProvider> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const provider = new Provider(url, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [callback] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['story'] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: sub, email_verified: !sub.startsWith('unverified'), name: sub.split('@')[0] }),
    }),
  });
  const server = createServer(provider.callback()).listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { url, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
