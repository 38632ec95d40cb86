import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { UserRepository } from '@teko/domain';
import { CurrentIdentity, type Identity } from '@teko/identity';
import { publicUrl, TekoSettings } from '@teko/platform';
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
    summary: 'Create a user',
    description:
      'The user signs in with a one-time link, or with an OAuth account that has the same verified email address.',
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
  @Endpoint({ summary: 'Get a user', can: ['read', 'User'], of: 'User', ok: UserDto, errors: [404] })
  async show(@Param('id') id: string): Promise<UserDto> {
    return toUserDto(await findOrThrow('user', id, this.users.findById(id)));
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Update a user',
    description: "Changing the roles or disabling the user ends the user's sessions.",
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
    description:
      "Also deletes the user's sessions, tokens, accounts and grants. Tasks, comments and audit log entries are kept.",
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
    summary: 'Create a one-time sign-in link for a user',
    description: 'Send it to the user over a private channel.',
    can: ['update', 'User'],
    of: 'User',
    ok: SignInLinkDto,
    status: 201,
    errors: [404, 409],
    writes: true,
  })
  async createSignInLink(@Param('id') id: string, @CurrentIdentity() caller: Identity): Promise<SignInLinkDto> {
    const { token, expiresAt } = await this.service.signInLink(id, caller);
    const base = publicUrl(this.settings);
    return { url: `${base}/#/login?token=${token}`, expiresAt };
  }
}
