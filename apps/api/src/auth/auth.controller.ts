import { Controller, Get, Inject, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  AccountService,
  OAuthProviders,
  PasswordService,
  ProviderGuard,
  SESSION_COOKIE,
  SessionService,
  SignInRefused,
  type Profile,
} from '@teko/identity';
import type { Request, Response } from 'express';
import { Endpoint } from '../http/endpoint.decorator';
import { Throttled } from '../http/throttling';
import { SignInMethodsDto } from './auth.dto';
import { RememberIntent, SignInRefusedFilter, type Intent } from './handshake';
import { SignInService } from './sign-in.service';

type Returning = Request & { user: Profile; session: { intent?: Intent } | null };

/** The ways in through a browser: there to a provider and back. */
@ApiTags('auth')
@Controller()
@UseFilters(SignInRefusedFilter)
export class AuthController {
  constructor(
    @Inject(AccountService) private readonly accounts: AccountService,
    @Inject(OAuthProviders) private readonly providers: OAuthProviders,
    @Inject(PasswordService) private readonly passwords: PasswordService,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(SignInService) private readonly signIn: SignInService,
  ) {}

  @Get('api/v1/sign-in-methods')
  @Endpoint({ summary: 'List the ways to sign in', ok: SignInMethodsDto })
  methods(): SignInMethodsDto {
    return { password: this.passwords.isOn, providers: this.providers.available };
  }

  @Get('auth/github')
  @Endpoint({
    summary: 'Go to GitHub to sign in',
    description: '`next` is the page of the panel to come back to; `link=1` adds the account to who is signed in.',
    status: 302,
    errors: [404],
  })
  @UseGuards(RememberIntent, ProviderGuard('github'))
  @Throttled()
  github(): void {
    // The guard has sent the browser away.
  }

  @Get('auth/google')
  @Endpoint({
    summary: 'Go to Google to sign in',
    description: '`next` is the page of the panel to come back to; `link=1` adds the account to who is signed in.',
    status: 302,
    errors: [404],
  })
  @UseGuards(RememberIntent, ProviderGuard('google'))
  @Throttled()
  google(): void {
    // The guard has sent the browser away.
  }

  @Get('auth/github/callback')
  @Endpoint({ summary: 'Come back from GitHub', status: 302, errors: [404] })
  @UseGuards(ProviderGuard('github'))
  @Throttled()
  githubCallback(@Req() request: Returning, @Res() response: Response): Promise<void> {
    return this.comeBack(request, response);
  }

  @Get('auth/google/callback')
  @Endpoint({ summary: 'Come back from Google', status: 302, errors: [404] })
  @UseGuards(ProviderGuard('google'))
  @Throttled()
  googleCallback(@Req() request: Returning, @Res() response: Response): Promise<void> {
    return this.comeBack(request, response);
  }

  private async comeBack(request: Returning, response: Response): Promise<void> {
    const intent = request.session?.intent;
    // A handshake is good for one sign-in.
    request.session = null;
    if (intent?.link) await this.link(intent.link, request);
    else await this.signIn.as(await this.accounts.signIn(request.user), request.user.provider, request, response);
    response.redirect(`/#${intent?.next ?? (intent?.link ? '/profile' : '/')}`);
  }

  /** Only the session that began the handshake gets the account. */
  private async link(sessionId: string, request: Returning): Promise<void> {
    const secret = (request.cookies as Record<string, string | undefined>)[SESSION_COOKIE];
    const identity = secret ? await this.sessions.identify(secret) : null;
    if (identity?.session?.id !== sessionId) throw new SignInRefused('signed_out');
    await this.accounts.link(identity.user, request.user);
  }
}
