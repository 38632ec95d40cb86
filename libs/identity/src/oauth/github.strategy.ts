import type { TekoSettings } from '@teko/platform';
import { Strategy, type StrategyOptions } from 'passport-github2';
import type { Profile } from '../account.service';

interface RawProfile {
  id: string;
  username?: string;
  displayName?: string;
  emails?: { value: string; primary?: boolean; verified?: boolean }[];
}

/** Sign-in with GitHub or GitHub Enterprise. Uses state and PKCE, and reads verified email addresses and organisations. */
export function githubStrategy(settings: TekoSettings, callbackURL: string): Strategy {
  const site = settings.GITHUB_OAUTH_URL ?? 'https://github.com';
  const api =
    settings.GITHUB_API_URL ??
    (settings.GITHUB_OAUTH_URL ? `${settings.GITHUB_OAUTH_URL}/api/v3` : 'https://api.github.com');
  const options = {
    clientID: settings.GITHUB_OAUTH_CLIENT_ID!,
    clientSecret: settings.GITHUB_OAUTH_CLIENT_SECRET!,
    callbackURL,
    authorizationURL: `${site}/login/oauth/authorize`,
    tokenURL: `${site}/login/oauth/access_token`,
    userProfileURL: `${api}/user`,
    userEmailURL: `${api}/user/emails`,
    scope: ['read:user', 'user:email', 'read:org'],
    allRawEmails: true,
    state: true,
    pkce: true,
  };
  const verify = (
    accessToken: string,
    _refresh: string,
    raw: RawProfile,
    done: (error: unknown, user?: object) => void,
  ) => {
    organisationsOf(api, accessToken).then(
      (organisations) => done(null, profileOf(raw, organisations)),
      (error: unknown) => done(error),
    );
  };
  return new Strategy(options as unknown as StrategyOptions, verify as never);
}

function profileOf({ id, username, displayName, emails = [] }: RawProfile, organisations: string[]): Profile {
  const verified = emails.filter((email) => email.verified === true);
  verified.sort((a, b) => Number(b.primary ?? false) - Number(a.primary ?? false));
  return {
    provider: 'github',
    subject: String(id),
    login: username ?? String(id),
    name: displayName ?? '',
    verifiedEmails: verified.map(({ value }) => value.toLowerCase()),
    organisations,
  };
}

async function organisationsOf(api: string, accessToken: string): Promise<string[]> {
  const headers = {
    authorization: `Bearer ${accessToken}`,
    accept: 'application/vnd.github+json',
    'user-agent': 'teko',
  };
  const response = await fetch(`${api}/user/orgs?per_page=100`, { headers, signal: AbortSignal.timeout(10_000) });
  if (!response.ok) return [];
  return ((await response.json()) as { login: string }[]).map(({ login }) => login.toLowerCase());
}
