import { answer, isJson, refusal, type Answer, type Call } from './github-http';

/** Who sends a request, by what it carries. */
export interface Caller {
  /** HumanInput act for the test; everything else is Teko and is recorded, disturbed and judged. */
  kind: 'person' | 'teko' | 'app' | 'anonymous';
  token: string;
  /** Login that it acts as; empty for the app itself and for nobody. */
  login: string;
}

/** Which tokens are good. The emulator itself lets unknown ones pass. */
export class GithubCredentials {
  private readonly minted = new Map<string, { installation: number; expiresAt: number }>();
  private readonly refused = new Set<string>();

  constructor(
    private readonly people: Map<string, string>,
    /** The personal token of Teko, where it has no app. */
    private readonly own: { token: string; login: string } | null,
    private readonly botLogin: string,
  ) {}

  /** Null: bad credentials. */
  identify(authorization: string): Caller | null {
    if (!authorization) return { kind: 'anonymous', token: '', login: '' };
    const token = authorization.replace(/^(bearer|token)\s+/i, '').trim();
    if (token.startsWith('eyJ')) return faultOfJwt(token) ? null : { kind: 'app', token, login: '' };
    return this.ofToken(token);
  }

  /** Git sends the token as a password. */
  identifyBasic(authorization: string): Caller | null {
    const [scheme, value] = authorization.split(/\s+/);
    if (scheme?.toLowerCase() !== 'basic' || !value) return null;
    return this.ofToken(Buffer.from(value, 'base64').toString().split(':').slice(1).join(':'));
  }

  /** Remembers the token of an answer to `POST /app/installations/:id/access_tokens`. */
  remember(installation: number, minted: Answer): void {
    const body: unknown = JSON.parse(minted.body.toString());
    if (!isJson(body) || typeof body.token !== 'string') return;
    this.minted.set(body.token, { installation, expiresAt: Date.parse(String(body.expires_at)) });
  }

  installationOf(token: string): number | null {
    return this.minted.get(token)?.installation ?? null;
  }

  /** From now on it is refused. */
  refuse(token: string): void {
    this.refused.add(token);
  }

  /** From now on every token that was minted so far is refused. */
  expireAll(): void {
    for (const token of this.minted.keys()) this.refused.add(token);
  }

  private ofToken(token: string): Caller | null {
    if (this.refused.has(token)) return null;
    const person = this.people.get(token);
    if (person) return { kind: 'person', token, login: person };
    if (this.own?.token === token) return { kind: 'teko', token, login: this.own.login };
    const minted = this.minted.get(token);
    return minted && minted.expiresAt > Date.now() ? { kind: 'teko', token, login: this.botLogin } : null;
  }
}

/** Why these credentials are not taken; GitHub's own client puts its clock right by the words about an app's. */
export function refusalOf(authorization: string): Answer {
  const jwt = /^bearer\s+(eyJ.*)$/i.exec(authorization)?.[1];
  return refusal(401, jwt ? (faultOfJwt(jwt) ?? 'Bad credentials') : 'Bad credentials');
}

/** GitHub's answer to git without good credentials. */
export const NO_GIT_ACCESS: Answer = {
  ...answer(401, null),
  headers: { 'www-authenticate': 'Basic realm="GitHub"', 'content-type': 'text/plain' },
  body: Buffer.from('remote: Invalid username or token. Password authentication is not supported for Git operations.'),
};

/** GitHub takes app tokens for ten minutes at most, and none from the future. */
function faultOfJwt(jwt: string): string | null {
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

/** What an installation's token cannot do at all: it is no user. */
export function isOfUsersOnly(call: Call): boolean {
  return call.path === '/user' || call.path.startsWith('/user/');
}
