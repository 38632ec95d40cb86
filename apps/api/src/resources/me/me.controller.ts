import { packRules } from '@casl/ability/extra';
import { Body, Controller, Get, Inject, Patch, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { accessRules } from '@teko/contracts';
import { Clock, UserRepository } from '@teko/domain';
import { CurrentIdentity, PasswordService, SessionService, type Identity } from '@teko/identity';
import { Endpoint } from '../../http/endpoint.decorator';
import { Throttled } from '../../http/throttling';
import { ChangePasswordDto, MeDto, UpdateMeDto } from './me.dto';

@ApiTags('me')
@Controller('api/v1/me')
export class MeController {
  constructor(
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(PasswordService) private readonly passwords: PasswordService,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  @Endpoint({ summary: 'Get the current user and their permissions', can: ['read', 'Me'], of: 'own', ok: MeDto })
  show(@CurrentIdentity() { user, session, access }: Identity): MeDto {
    const { id, name, email, roles, passwordHash } = user;
    return {
      user: { id, name, email, roles, hasPassword: passwordHash !== null },
      csrfToken: session?.csrfToken ?? null,
      rules: packRules(accessRules(access)) as unknown as unknown[][],
    };
  }

  @Patch()
  @Endpoint({
    summary: 'Update your name',
    description: 'Email address and roles can only be changed by admins.',
    can: ['update', 'Me'],
    of: 'own',
    ok: MeDto,
    errors: [422],
    meanings: { 200: 'The current user and their permissions.' },
    writes: true,
  })
  async update(@CurrentIdentity() identity: Identity, @Body() { name }: UpdateMeDto): Promise<MeDto> {
    const user = await this.users.update(identity.user.id, { name: name.trim(), updatedAt: this.clock.now() });
    return this.show({ ...identity, user });
  }

  @Put('password')
  @Endpoint({
    summary: 'Set your password',
    description: 'Ends all your other sessions.',
    can: ['update', 'Me'],
    of: 'own',
    status: 204,
    errors: [422],
    writes: true,
  })
  @Throttled()
  async setPassword(@CurrentIdentity() { user, session }: Identity, @Body() input: ChangePasswordDto): Promise<void> {
    await this.passwords.change(user, input);
    await this.sessions.endAll(user.id, session?.id);
  }
}
