import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { CodebaseProfileRepository, RepositoryRepository } from '@teko/domain';
import { CurrentIdentity, type Identity } from '@teko/identity';
import { ForgeImport, RepositoryIntake } from '@teko/intake';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { hideUnreadable } from '../../http/readable-conflict';
import { ReadableWithin } from '../../http/readable.decorator';
import {
  CodebaseProfileDto,
  CreateRepositoryDto,
  ImportRepositoryDto,
  RepositoryDto,
  RepositoryListQuery,
  UpdateRepositoryDto,
} from './repository.dto';

const MAX_PROFILES = 50;

@ApiTags('repositories')
@Controller('api/v1/repositories')
export class RepositoriesController {
  constructor(
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(CodebaseProfileRepository) private readonly profiles: CodebaseProfileRepository,
    @Inject(RepositoryIntake) private readonly intake: RepositoryIntake,
    @Inject(ForgeImport) private readonly forgeImport: ForgeImport,
  ) {}

  @Get()
  @Endpoint({
    summary: 'List repositories',
    can: ['read', 'Repository'],
    ok: RepositoryDto,
    shape: 'page',
    errors: [422],
  })
  list(
    @Query() query: RepositoryListQuery,
    @ReadableWithin('Repository') within?: string[],
  ): Promise<Page<RepositoryDto>> {
    return this.repositories.list(toListQuery(query, within));
  }

  @Post()
  @Endpoint({
    summary: 'Create a repository',
    description: 'The repository is fetched and analysed in the background.',
    can: ['create', 'Repository'],
    ok: RepositoryDto,
    status: 201,
    errors: [409, 422],
    writes: true,
  })
  create(@Body() input: CreateRepositoryDto, @CurrentIdentity() { ability }: Identity): Promise<RepositoryDto> {
    return this.intake.add(input).catch(hideUnreadable(ability, 'Repository'));
  }

  @Post('imports')
  @Endpoint({
    summary: 'Import a repository from GitHub',
    description:
      'The GitHub App or token needs access to it. The repository is fetched and analysed in the background.',
    can: ['create', 'Repository'],
    ok: RepositoryDto,
    status: 201,
    errors: [409, 422, 503],
    writes: true,
  })
  import(
    @Body() { forgeName, ...patch }: ImportRepositoryDto,
    @CurrentIdentity() { ability }: Identity,
  ): Promise<RepositoryDto> {
    return this.forgeImport.add(forgeName, patch).catch(hideUnreadable(ability, 'Repository'));
  }

  @Get(':id')
  @Endpoint({
    summary: 'Get a repository',
    of: 'Repository',
    can: ['read', 'Repository'],
    ok: RepositoryDto,
    errors: [404],
  })
  show(@Param('id') id: string): Promise<RepositoryDto> {
    return findOrThrow('repository', id, this.repositories.findById(id));
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Update a repository',
    of: 'Repository',
    can: ['update', 'Repository'],
    ok: RepositoryDto,
    errors: [404, 422],
    writes: true,
  })
  update(@Param('id') id: string, @Body() patch: UpdateRepositoryDto): Promise<RepositoryDto> {
    return this.intake.update(id, patch);
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Delete a repository',
    description: 'Also deletes its tasks, runs and changes. The remote repository is not changed.',
    of: 'Repository',
    can: ['delete', 'Repository'],
    status: 204,
    errors: [404, 409],
    writes: true,
  })
  remove(@Param('id') id: string): Promise<void> {
    return this.intake.remove(id);
  }

  @Get(':id/profile')
  @Endpoint({
    summary: 'Get the codebase profile of a repository',
    of: 'Repository',
    can: ['read', 'CodebaseProfile'],
    ok: CodebaseProfileDto,
    errors: [404],
  })
  profile(@Param('id') id: string): Promise<CodebaseProfileDto> {
    return findOrThrow('codebase profile of repository', id, this.profiles.findLatest(id));
  }

  @Get(':id/profiles')
  @Endpoint({
    summary: 'List the codebase profiles of a repository',
    description: `The newest ${MAX_PROFILES} profiles, newest first.`,
    of: 'Repository',
    can: ['read', 'CodebaseProfile'],
    ok: CodebaseProfileDto,
    shape: 'page',
    errors: [404],
  })
  async listProfiles(@Param('id') id: string): Promise<Page<CodebaseProfileDto>> {
    const data = await this.profiles.findHistory(id, MAX_PROFILES);
    return { data, total: data.length };
  }

  @Post(':id/analyses')
  @Endpoint({
    summary: 'Start an analysis of a repository',
    of: 'Repository',
    can: ['update', 'Repository'],
    ok: RepositoryDto,
    status: 202,
    errors: [404],
    writes: true,
  })
  analyse(@Param('id') id: string): Promise<RepositoryDto> {
    return this.intake.requestAnalysis(id);
  }
}
