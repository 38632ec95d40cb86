import { Body, Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { DomainError } from '@teko/domain';
import { CurrentIdentity, PasswordService, SessionService, type Identity } from '@teko/identity';
import type { Request, Response } from 'express';
import { SignInService } from '../../auth/sign-in.service';
import { Endpoint } from '../../http/endpoint.decorator';
import { Throttled } from '../../http/throttling';
import { CreatePasswordSessionDto, CreateSessionDto, NewSessionDto, SessionDto } from './session.dto';

@ApiTags('sessions')
@Controller('api/v1/sessions')
export class SessionsController {
  constructor(
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(PasswordService) private readonly passwords: PasswordService,
    @Inject(SignInService) private readonly signIn: SignInService,
  ) {}

  @Post()
  @Endpoint({
    summary: 'Sign in with a link',
    description: 'Redeems a one-time sign-in link and sets the session cookie.',
    ok: NewSessionDto,
    status: 201,
    errors: [401, 422],
  })
  @Throttled()
  async create(
    @Body() { token }: CreateSessionDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<NewSessionDto> {
    const { session } = await this.recordFailures('link', request, () => this.signIn.byLink(token, request, response));
    return { csrfToken: session.csrfToken, expiresAt: session.expiresAt };
  }

  @Post('password')
  @Endpoint({
    summary: 'Sign in with a password',
    description: 'Sets the session cookie. The error is the same for an unknown email address and a wrong password.',
    ok: NewSessionDto,
    status: 201,
    errors: [401, 403, 422],
  })
  @Throttled()
  async createByPassword(
    @Body() { email, password }: CreatePasswordSessionDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<NewSessionDto> {
    const { session } = await this.recordFailures('password', request, async () => {
      const user = await this.passwords.check(email, password);
      return this.signIn.as(user, 'password', request, response);
    });
    return { csrfToken: session.csrfToken, expiresAt: session.expiresAt };
  }

  @Get()
  @Endpoint({ summary: 'List your sessions', can: ['read', 'Session'], of: 'own', ok: SessionDto, shape: 'page' })
  async list(@CurrentIdentity() { user, session }: Identity): Promise<Page<SessionDto>> {
    const rows = await this.sessions.list(user.id);
    const data = rows.map(({ id, userAgent, address, lastUsedAt, expiresAt, createdAt }) => {
      return { id, userAgent, address, current: id === session?.id, lastUsedAt, expiresAt, createdAt };
    });
    return { data, total: data.length };
  }

  @Delete(':id')
  @Endpoint({
    summary: 'End one of your sessions',
    description: '`current` is the session of this request.',
    can: ['delete', 'Session'],
    of: 'own',
    status: 204,
    errors: [404],
    writes: true,
  })
  async remove(
    @Param('id') id: string,
    @CurrentIdentity() { user, session }: Identity,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const target = id === 'current' && session ? session.id : id;
    await this.sessions.end(target, user.id);
    if (target === session?.id) this.signIn.clearCookie(request, response);
  }

  private async recordFailures<T>(method: string, request: Request, signIn: () => Promise<T>): Promise<T> {
    try {
      return await signIn();
    } catch (error) {
      if (error instanceof DomainError) await this.signIn.refused(method, error.code, request);
      throw error;
    }
  }
}
