import { Body, Controller, Delete, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentIdentity, SESSION_COOKIE, SessionService, type Identity } from '@teko/identity';
import type { Request, Response } from 'express';
import { Endpoint } from '../../http/endpoint.decorator';
import { CreateSessionDto, SessionDto } from './session.dto';

@ApiTags('sessions')
@Controller('api/v1/sessions')
export class SessionsController {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  @Post()
  @Endpoint({
    summary: 'Sign in',
    description: 'Uses a one-time sign-in link up and sets the session cookie.',
    ok: SessionDto,
    status: 201,
    errors: [401, 422],
  })
  async create(
    @Body() { token }: CreateSessionDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionDto> {
    const { session, secret } = await this.sessions.signIn(token, request.get('user-agent') ?? null);
    response.cookie(SESSION_COOKIE, secret, { ...cookieOptions(request), expires: session.expiresAt });
    return { csrfToken: session.csrfToken, expiresAt: session.expiresAt };
  }

  @Delete('current')
  @Endpoint({ summary: 'Sign out', can: ['delete', 'Session'], status: 204, writes: true })
  async remove(
    @CurrentIdentity() { session }: Identity,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.sessions.signOut(session.id);
    response.clearCookie(SESSION_COOKIE, cookieOptions(request));
  }
}

function cookieOptions(request: Request) {
  const secure = Boolean(request.app.locals.secureCookies);
  return { httpOnly: true, sameSite: 'lax', secure, path: '/' } as const;
}
