import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ROLES, type Page } from '@teko/contracts';
import {
  Clock,
  Ids,
  InvalidError,
  RepositoryGrantRepository,
  RepositoryRepository,
  RoleRepository,
  UserRepository,
} from '@teko/domain';
import { AccessService, CurrentIdentity, type Identity } from '@teko/identity';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { CreateRepositoryGrantDto, RepositoryGrantDto, RepositoryGrantListQuery } from './repository-grant.dto';

@ApiTags('repository-grants')
@Controller('api/v1/repository-grants')
export class RepositoryGrantsController {
  constructor(
    @Inject(RepositoryGrantRepository) private readonly grants: RepositoryGrantRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(RoleRepository) private readonly roles: RoleRepository,
    @Inject(AccessService) private readonly access: AccessService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  @Get()
  @Endpoint({
    summary: 'List repository grants',
    can: ['read', 'RepositoryGrant'],
    ok: RepositoryGrantDto,
    shape: 'page',
    errors: [422],
  })
  list(@Query() query: RepositoryGrantListQuery): Promise<Page<RepositoryGrantDto>> {
    return this.grants.list(toListQuery(query, undefined));
  }

  @Post()
  @Endpoint({
    summary: 'Grant a user a role on a repository',
    can: ['create', 'RepositoryGrant'],
    ok: RepositoryGrantDto,
    status: 201,
    errors: [409, 422],
    writes: true,
  })
  async create(
    @Body() { userId, repositoryId, role }: CreateRepositoryGrantDto,
    @CurrentIdentity() caller: Identity,
  ): Promise<RepositoryGrantDto> {
    const [user, repository, roles] = await Promise.all([
      this.users.findById(userId),
      this.repositories.findById(repositoryId),
      this.roles.findByNames([role]),
    ]);
    const errors: Record<string, string> = {};
    if (!user) errors.userId = 'no such user';
    if (!repository) errors.repositoryId = 'no such repository';
    if (roles.length === 0 && !(ROLES as readonly string[]).includes(role)) errors.role = 'no such role';
    if (Object.keys(errors).length > 0) throw new InvalidError(errors);
    await this.access.requireGrantableRoles(caller, [role]);
    const grant = { id: this.ids.next(), userId, repositoryId, role, createdAt: this.clock.now() };
    await this.grants.insert(grant);
    return grant;
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Revoke a role on a repository',
    can: ['delete', 'RepositoryGrant'],
    of: 'RepositoryGrant',
    status: 204,
    errors: [404],
    writes: true,
  })
  async remove(@Param('id') id: string, @CurrentIdentity() caller: Identity): Promise<void> {
    const { role } = await findOrThrow('grant', id, this.grants.findById(id));
    await this.access.requireGrantableRoles(caller, [role]);
    await this.grants.delete(id);
  }
}
