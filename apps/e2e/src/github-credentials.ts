import { jsonResponse, isJson, errorResponse, type HttpResponse, type HttpRequest } from './github-http';

/** The sender of a request, identified by its credentials. */
export interface Caller {
  /** A `user` acts for the test. All other requests are Teko's: they are recorded and validated, and faults are injected into them. */
  kind: 'user' | 'teko' | 'app' | 'anonymous';
  token: string;
  /** The login it acts as; empty for the app itself and for anonymous requests. */
  login: string;
}

/** Valid tokens. The backend itself accepts unknown ones. */
export class GithubCredentials {
  private readonly issued = new Map<string, { installation: number; expiresAt: number }>();
  private readonly revoked = new Set<string>();

  constructor(
    private readonly users: Map<string, string>,
    /** Teko's personal access token, or null if it authenticates as an app. */
    private readonly own: { token: string; login: string } | null,
    private readonly botLogin: string,
  ) {}

  /** Returns null if the credentials are invalid. */
  identify(authorization: string): Caller | null {
    if (!authorization) return { kind: 'anonymous', token: '', login: '' };
    const token = authorization.replace(/^(bearer|token)\s+/i, '').trim();
    if (token.startsWith('eyJ')) return jwtError(token) ? null : { kind: 'app', token, login: '' };
    return this.ofToken(token);
  }

  /** Identifies a git client, which sends the token as the password. */
  identifyBasic(authorization: string): Caller | null {
    const [scheme, value] = authorization.split(/\s+/);
    if (scheme?.toLowerCase() !== 'basic' || !value) return null;
    return this.ofToken(Buffer.from(value, 'base64').toString().split(':').slice(1).join(':'));
  }

  /** Stores the token in a response to `POST /app/installations/:id/access_tokens`. */
  storeIssued(installation: number, response: HttpResponse): void {
    const body: unknown = JSON.parse(response.body.toString());
    if (!isJson(body) || typeof body.token !== 'string') return;
    this.issued.set(body.token, { installation, expiresAt: Date.parse(String(body.expires_at)) });
  }

  installationOf(token: string): number | null {
    return this.issued.get(token)?.installation ?? null;
  }

  /** Revokes a token. */
  revoke(token: string): void {
    this.revoked.add(token);
  }

  /** Revokes every installation token issued so far. */
  revokeAll(): void {
    for (const token of this.issued.keys()) this.revoked.add(token);
  }

  private ofToken(token: string): Caller | null {
    if (this.revoked.has(token)) return null;
    const login = this.users.get(token);
    if (login) return { kind: 'user', token, login };
    if (this.own?.token === token) return { kind: 'teko', token, login: this.own.login };
    const issued = this.issued.get(token);
    return issued && issued.expiresAt > Date.now() ? { kind: 'teko', token, login: this.botLogin } : null;
  }
}

/** Returns the 401 response for invalid credentials. GitHub's own client corrects its clock by the message about an app token. */
export function unauthorized(authorization: string): HttpResponse {
  const jwt = /^bearer\s+(eyJ.*)$/i.exec(authorization)?.[1];
  return errorResponse(401, jwt ? (jwtError(jwt) ?? 'Bad credentials') : 'Bad credentials');
}

/** GitHub's response to git without valid credentials. */
export const NO_GIT_ACCESS: HttpResponse = {
  ...jsonResponse(401, null),
  headers: { 'www-authenticate': 'Basic realm="GitHub"', 'content-type': 'text/plain' },
  body: Buffer.from('remote: Invalid username or token. Password authentication is not supported for Git operations.'),
};

/** Returns null if the app token is valid. GitHub accepts lifetimes of at most ten minutes and no token issued in the future. */
function jwtError(jwt: string): string | null {
  const now = Date.now() / 1000;
  const { exp, iat } = claimsOf(jwt);
  if (exp > now + 600) return "'Expiration time' claim ('exp') is too far in the future";
  if (!(exp > now)) {
    return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
  }
  if (iat <= now + 1) return null;
  return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
}

function claimsOf(jwt: string): { exp: number; iat: number } {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
    return isJson(claims) ? { exp: Number(claims.exp), iat: Number(claims.iat) } : { exp: 0, iat: 0 };
  } catch {
    return { exp: 0, iat: 0 };
  }
}

/** Returns true for endpoints that require a user, which an installation token cannot call. */
export function requiresUser(request: HttpRequest): boolean {
  return request.path === '/user' || request.path.startsWith('/user/');
}
