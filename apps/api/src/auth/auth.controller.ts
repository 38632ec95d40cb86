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

type CallbackRequest = Request & { user: Profile; session: { intent?: Intent } | null };

/** Sign-in with OAuth in a browser. */
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
  @Endpoint({ summary: 'List sign-in methods', ok: SignInMethodsDto })
  methods(): SignInMethodsDto {
    return { password: this.passwords.isEnabled, providers: this.providers.available };
  }

  @Get('auth/github')
  @Endpoint({
    summary: 'Start a sign-in with GitHub',
    description:
      'Redirects to the provider. `next` is the page to return to; `link=1` links the account to the signed-in user.',
    status: 302,
    errors: [404],
  })
  @UseGuards(RememberIntent, ProviderGuard('github'))
  @Throttled()
  github(): void {
    // The guard has already redirected the browser.
  }

  @Get('auth/google')
  @Endpoint({
    summary: 'Start a sign-in with Google',
    description:
      'Redirects to the provider. `next` is the page to return to; `link=1` links the account to the signed-in user.',
    status: 302,
    errors: [404],
  })
  @UseGuards(RememberIntent, ProviderGuard('google'))
  @Throttled()
  google(): void {
    // The guard has already redirected the browser.
  }

  @Get('auth/github/callback')
  @Endpoint({ summary: 'Callback of the sign-in with GitHub', status: 302, errors: [404] })
  @UseGuards(ProviderGuard('github'))
  @Throttled()
  githubCallback(@Req() request: CallbackRequest, @Res() response: Response): Promise<void> {
    return this.finish(request, response);
  }

  @Get('auth/google/callback')
  @Endpoint({ summary: 'Callback of the sign-in with Google', status: 302, errors: [404] })
  @UseGuards(ProviderGuard('google'))
  @Throttled()
  googleCallback(@Req() request: CallbackRequest, @Res() response: Response): Promise<void> {
    return this.finish(request, response);
  }

  private async finish(request: CallbackRequest, response: Response): Promise<void> {
    const intent = request.session?.intent;
    // A handshake can be used only once.
    request.session = null;
    if (intent?.link) await this.link(intent.link, request);
    else await this.signIn.as(await this.accounts.signIn(request.user), request.user.provider, request, response);
    response.redirect(`/#${intent?.next ?? (intent?.link ? '/profile' : '/')}`);
  }

  /** Links the account only if the request has the session that started the handshake. */
  private async link(sessionId: string, request: CallbackRequest): Promise<void> {
    const secret = (request.cookies as Record<string, string | undefined>)[SESSION_COOKIE];
    const identity = secret ? await this.sessions.identify(secret) : null;
    if (identity?.session?.id !== sessionId) throw new SignInRefused('signed_out');
    await this.accounts.link(identity.user, request.user);
  }
}
