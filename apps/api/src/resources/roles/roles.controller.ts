import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import {
  Clock,
  ConflictError,
  Ids,
  RepositoryGrantRepository,
  RoleRepository,
  UserRepository,
  type Role,
} from '@teko/domain';
import { CurrentIdentity, requireGrantable, type Identity } from '@teko/identity';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { CreateRoleDto, RoleDto, RoleListQuery, UpdateRoleDto } from './role.dto';

@ApiTags('roles')
@Controller('api/v1/roles')
export class RolesController {
  constructor(
    @Inject(RoleRepository) private readonly roles: RoleRepository,
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(RepositoryGrantRepository) private readonly grants: RepositoryGrantRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  @Get()
  @Endpoint({ summary: 'List roles', can: ['read', 'Role'], ok: RoleDto, shape: 'page', errors: [422] })
  list(@Query() query: RoleListQuery): Promise<Page<RoleDto>> {
    return this.roles.list(toListQuery(query, undefined));
  }

  @Post()
  @Endpoint({
    summary: 'Create a role',
    can: ['create', 'Role'],
    ok: RoleDto,
    status: 201,
    errors: [409, 422],
    writes: true,
  })
  async create(@Body() { name, description, permissions }: CreateRoleDto, @CurrentIdentity() caller: Identity) {
    requireGrantable(caller, permissions);
    const now = this.clock.now();
    const stamps = { createdAt: now, updatedAt: now };
    const role = { id: this.ids.next(), name, description: description ?? '', permissions, builtIn: false, ...stamps };
    await this.roles.insert(role);
    return role;
  }

  @Get(':id')
  @Endpoint({ summary: 'Get a role', can: ['read', 'Role'], of: 'Role', ok: RoleDto, errors: [404] })
  show(@Param('id') id: string): Promise<RoleDto> {
    return findOrThrow('role', id, this.roles.findById(id));
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Update a role',
    description: 'New permissions take effect immediately.',
    can: ['update', 'Role'],
    of: 'Role',
    ok: RoleDto,
    errors: [404, 409, 422],
    writes: true,
  })
  async update(
    @Param('id') id: string,
    @Body() { description, permissions }: UpdateRoleDto,
    @CurrentIdentity() caller: Identity,
  ): Promise<RoleDto> {
    const role = await this.custom(id);
    requireGrantable(caller, [...role.permissions, ...(permissions ?? [])]);
    return this.roles.update(id, { description, permissions, updatedAt: this.clock.now() });
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Delete a role',
    description: 'Returns 409 while a user or grant has the role.',
    can: ['delete', 'Role'],
    of: 'Role',
    status: 204,
    errors: [404, 409],
    writes: true,
  })
  async remove(@Param('id') id: string, @CurrentIdentity() caller: Identity): Promise<void> {
    const role = await this.custom(id);
    requireGrantable(caller, role.permissions);
    const [users, grants] = await Promise.all([
      this.users.countWithRole(role.name),
      this.grants.countWithRole(role.name),
    ]);
    if (users + grants > 0) throw new ConflictError(`${role.name} is in use by ${users} users and ${grants} grants`);
    await this.roles.delete(id);
  }

  private async custom(id: string): Promise<Role> {
    const role = await findOrThrow('role', id, this.roles.findById(id));
    if (role.builtIn)
      throw new ConflictError(`${role.name} is built in and cannot be changed; create a custom role instead`);
    return role;
  }
}
