import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { UserRepository } from '@teko/domain';
import { CurrentIdentity, type Identity } from '@teko/identity';
import { TekoSettings } from '@teko/platform';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { CreateUserDto, SignInLinkDto, toUserDto, UpdateUserDto, UserDto, UserListQuery } from './user.dto';
import { UsersService } from './users.service';

@ApiTags('users')
@Controller('api/v1/users')
export class UsersController {
  constructor(
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(UsersService) private readonly service: UsersService,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
  ) {}

  @Get()
  @Endpoint({ summary: 'List users', can: ['read', 'User'], ok: UserDto, shape: 'page', errors: [422] })
  async list(@Query() query: UserListQuery): Promise<Page<UserDto>> {
    const { data, total } = await this.users.list(toListQuery(query, undefined));
    return { data: data.map(toUserDto), total };
  }

  @Post()
  @Endpoint({
    summary: 'Add a user',
    description: 'Who they are is proven by a one-time link, or by signing in with the address at a login provider.',
    can: ['create', 'User'],
    ok: UserDto,
    status: 201,
    errors: [422],
    writes: true,
  })
  async create(@Body() input: CreateUserDto, @CurrentIdentity() caller: Identity): Promise<UserDto> {
    return toUserDto(await this.service.create(input, caller));
  }

  @Get(':id')
  @Endpoint({ summary: 'Show a user', can: ['read', 'User'], of: 'User', ok: UserDto, errors: [404] })
  async show(@Param('id') id: string): Promise<UserDto> {
    return toUserDto(await findOrThrow('user', id, this.users.findById(id)));
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Change a user',
    description: 'A change of roles and a disabling end the user’s sessions.',
    can: ['update', 'User'],
    of: 'User',
    ok: UserDto,
    errors: [404, 409, 422],
    writes: true,
  })
  async update(
    @Param('id') id: string,
    @Body() patch: UpdateUserDto,
    @CurrentIdentity() caller: Identity,
  ): Promise<UserDto> {
    return toUserDto(await this.service.update(id, patch, caller));
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Delete a user',
    description: 'With sessions, tokens, accounts and grants. What the user did stays.',
    can: ['delete', 'User'],
    of: 'User',
    status: 204,
    errors: [404, 409],
    writes: true,
  })
  remove(@Param('id') id: string, @CurrentIdentity() caller: Identity): Promise<void> {
    return this.service.remove(id, caller);
  }

  @Post(':id/sign-in-links')
  @Endpoint({
    summary: 'Make a one-time sign-in link for a user',
    description: 'Hand it over by a way that nobody else reads.',
    can: ['update', 'User'],
    of: 'User',
    ok: SignInLinkDto,
    status: 201,
    errors: [404, 409],
    writes: true,
  })
  async createSignInLink(@Param('id') id: string, @CurrentIdentity() caller: Identity): Promise<SignInLinkDto> {
    const { token, expiresAt } = await this.service.signInLink(id, caller);
    const base = this.settings.TEKO_URL ?? `http://localhost:${this.settings.PORT}`;
    return { url: `${base}/#/login?token=${token}`, expiresAt };
  }
}
