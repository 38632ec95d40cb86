import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Memory, RepositoryRepository } from '@teko/domain';
import { Endpoint } from '../../http/endpoint.decorator';
import { ReadableWithin } from '../../http/readable.decorator';
import { RepositorySearchQuery, SearchResultDto, SearchDto, SearchQuery } from './search.dto';

const MAX_REPOSITORIES = 100;

@ApiTags('search')
@Controller('api/v1')
export class SearchController {
  constructor(
    @Inject(Memory) private readonly memory: Memory,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
  ) {}

  @Get('search')
  @Endpoint({
    summary: 'Search the code of all repositories',
    description:
      'Searches by keyword, symbol, path and meaning in all repositories that you can read. Use POST for long queries.',
    can: ['read', 'CodebaseProfile'],
    ok: SearchResultDto,
    errors: [422],
  })
  async all(
    @Query() { q, repositoryId, ...query }: SearchQuery,
    @ReadableWithin('CodebaseProfile') within?: string[],
  ): Promise<SearchResultDto> {
    const { ids, total } = await this.repositoriesToSearch(repositoryId, within);
    const result = await this.memory.search({ ...query, text: q, repositoryIds: ids });
    return total > ids.length ? { ...result, notice: addLimitNotice(result.notice, ids.length, total) } : result;
  }

  @Post('search')
  @Endpoint({
    summary: 'Search the code with the text of a ticket',
    description: 'Same as GET, for long queries. The first of several lines is used as the title. Nothing is changed.',
    can: ['read', 'CodebaseProfile'],
    ok: SearchResultDto,
    errors: [422],
    writes: true,
  })
  ticket(@Body() query: SearchDto, @ReadableWithin('CodebaseProfile') within?: string[]): Promise<SearchResultDto> {
    return this.all(query, within);
  }

  @Get('repositories/:id/search')
  @Endpoint({
    summary: 'Search the code of a repository',
    description: 'Searches by keyword, symbol, path and meaning.',
    of: 'Repository',
    can: ['read', 'CodebaseProfile'],
    ok: SearchResultDto,
    errors: [404, 422],
  })
  one(@Param('id') id: string, @Query() { q, ...query }: RepositorySearchQuery): Promise<SearchResultDto> {
    return this.memory.search({ ...query, text: q, repositoryIds: [id] });
  }

  /** Returns the requested repositories, or all, limited to readable ones and to MAX_REPOSITORIES. */
  private async repositoriesToSearch(requested: string[] | undefined, readable: string[] | undefined) {
    if (requested || readable) {
      const candidates = new Set(requested ?? readable);
      const ids = [...candidates].filter((id) => !readable || readable.includes(id));
      return { ids: ids.slice(0, MAX_REPOSITORIES), total: ids.length };
    }
    const query = { page: 1, perPage: MAX_REPOSITORIES, sort: 'updatedAt', order: 'DESC' as const, filters: {} };
    const { data, total } = await this.repositories.list(query);
    return { ids: data.map(({ id }) => id), total };
  }
}

function addLimitNotice(notice: string | null, searched: number, total: number): string {
  return [notice, `Only ${searched} of ${total} repositories were searched. Specify the repositories to search.`]
    .filter(Boolean)
    .join(' ');
}
