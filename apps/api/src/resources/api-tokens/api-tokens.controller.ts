import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { ApiTokenRepository, Clock, InvalidError, type ApiToken } from '@teko/domain';
import { ApiTokenService, CurrentIdentity, type Identity } from '@teko/identity';
import { Endpoint } from '../../http/endpoint.decorator';
import { toListQuery } from '../../http/list-query.dto';
import { Throttled } from '../../http/throttling';
import { ApiTokenDto, ApiTokenListQuery, CreateApiTokenDto, NewApiTokenDto } from './api-token.dto';

const MAX_LIFETIME_MS = 366 * 86_400_000;

@ApiTags('api-tokens')
@Controller('api/v1/api-tokens')
export class ApiTokensController {
  constructor(
    @Inject(ApiTokenRepository) private readonly rows: ApiTokenRepository,
    @Inject(ApiTokenService) private readonly tokens: ApiTokenService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  @Endpoint({
    summary: 'List your API tokens',
    can: ['read', 'ApiToken'],
    of: 'own',
    ok: ApiTokenDto,
    shape: 'page',
    errors: [422],
  })
  async list(@Query() query: ApiTokenListQuery, @CurrentIdentity() { user }: Identity): Promise<Page<ApiTokenDto>> {
    const mine = { ...toListQuery(query, undefined), filters: { userId: [user.id] } };
    const { data, total } = await this.rows.list(mine);
    return { data: data.map(toDto), total };
  }

  @Post()
  @Endpoint({
    summary: 'Create an API token',
    description: 'Returns the token only once. API tokens cannot create other tokens.',
    can: ['create', 'ApiToken'],
    of: 'own',
    ok: NewApiTokenDto,
    status: 201,
    errors: [422],
    writes: true,
  })
  @Throttled()
  async create(@Body() input: CreateApiTokenDto, @CurrentIdentity() caller: Identity): Promise<NewApiTokenDto> {
    const expiresAt = new Date(input.expiresAt);
    const lifetime = expiresAt.getTime() - this.clock.now().getTime();
    if (!(lifetime > 0 && lifetime <= MAX_LIFETIME_MS))
      throw new InvalidError({ expiresAt: 'must be within a year from now' });
    const { token, secret } = await this.tokens.create(caller, { ...input, name: input.name.trim(), expiresAt });
    return { ...toDto(token), secret };
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Revoke one of your API tokens',
    can: ['delete', 'ApiToken'],
    of: 'own',
    status: 204,
    errors: [404],
    writes: true,
  })
  remove(@Param('id') id: string, @CurrentIdentity() { user }: Identity): Promise<void> {
    return this.tokens.revoke(id, user.id);
  }
}

function toDto({ id, name, prefix, scopes, expiresAt, lastUsedAt, createdAt }: ApiToken): ApiTokenDto {
  return { id, name, prefix, scopes, expiresAt, lastUsedAt, createdAt };
}
