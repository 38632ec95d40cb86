import type { TekoSettings } from '@teko/platform';
import type { Request } from 'express';
import { allowInsecureRequests, discovery, randomNonce, randomState, type IDToken } from 'openid-client';
import { Strategy, type AuthenticateOptions, type VerifyFunction } from 'openid-client/passport';
import type { Profile } from '../account.service';

/** Always sends state and nonce in addition to PKCE. */
class OpenIdStrategy extends Strategy {
  override authorizationRequestParams<T extends AuthenticateOptions>(request: Request, options: T): URLSearchParams {
    const params = new URLSearchParams(super.authorizationRequestParams(request, options));
    params.set('state', randomState());
    params.set('nonce', randomNonce());
    return params;
  }
}

/** Sign-in with Google or another OpenID Connect issuer. Rejects if the issuer's metadata cannot be fetched. */
export async function googleStrategy(settings: TekoSettings, callbackURL: string): Promise<Strategy> {
  const issuer = new URL(settings.GOOGLE_ISSUER ?? 'https://accounts.google.com');
  const config = await discovery(issuer, settings.GOOGLE_CLIENT_ID!, settings.GOOGLE_CLIENT_SECRET, undefined, {
    timeout: 10,
    execute: issuer.protocol === 'http:' ? [allowInsecureRequests] : [],
  });
  const verify: VerifyFunction = (tokens, done) => {
    const claims = tokens.claims();
    done(null, claims && profileOf(claims));
  };
  return new OpenIdStrategy(
    { config, name: 'google', sessionKey: 'google', callbackURL, scope: 'openid email profile' },
    verify,
  );
}

function profileOf({ sub, email, email_verified: verified, name }: IDToken): Profile {
  const address = typeof email === 'string' ? email.toLowerCase() : null;
  return {
    provider: 'google',
    subject: sub,
    login: address ?? sub,
    name: typeof name === 'string' ? name : '',
    verifiedEmails: address && verified === true ? [address] : [],
    organisations: [],
  };
}
