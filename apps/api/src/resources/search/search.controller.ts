import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Memory, RepositoryRepository } from '@teko/domain';
import { Endpoint } from '../../http/endpoint.decorator';
import { ReadableWithin } from '../../http/readable.decorator';
import { RepositorySearchQuery, SearchAnswerDto, SearchDto, SearchQuery } from './search.dto';

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
    summary: 'Ask the code of all repositories',
    description: 'By words, names, paths and meaning; only what the caller may read. With POST for a long question.',
    can: ['read', 'CodebaseProfile'],
    ok: SearchAnswerDto,
    errors: [422],
  })
  async all(
    @Query() { q, repositoryId, ...query }: SearchQuery,
    @ReadableWithin('CodebaseProfile') within?: string[],
  ): Promise<SearchAnswerDto> {
    const { ids, total } = await this.asked(repositoryId, within);
    const answer = await this.memory.search({ ...query, text: q, repositoryIds: ids });
    return total > ids.length ? { ...answer, notice: withRest(answer.notice, ids.length, total) } : answer;
  }

  @Post('search')
  @Endpoint({
    summary: 'Ask the code with a whole ticket',
    description: 'As with GET. Of more than one line the first is taken for the title. Nothing is changed.',
    can: ['read', 'CodebaseProfile'],
    ok: SearchAnswerDto,
    errors: [422],
    writes: true,
  })
  ticket(@Body() query: SearchDto, @ReadableWithin('CodebaseProfile') within?: string[]): Promise<SearchAnswerDto> {
    return this.all(query, within);
  }

  @Get('repositories/:id/search')
  @Endpoint({
    summary: 'Ask the code of a repository',
    description: 'By words, names, paths and meaning.',
    of: 'Repository',
    can: ['read', 'CodebaseProfile'],
    ok: SearchAnswerDto,
    errors: [404, 422],
  })
  one(@Param('id') id: string, @Query() { q, ...query }: RepositorySearchQuery): Promise<SearchAnswerDto> {
    return this.memory.search({ ...query, text: q, repositoryIds: [id] });
  }

  /** Those that were named and may be read, else all that may be read; at most so many. */
  private async asked(named: string[] | undefined, readable: string[] | undefined) {
    if (named || readable) {
      const wanted = new Set(named ?? readable);
      const ids = [...wanted].filter((id) => !readable || readable.includes(id));
      return { ids: ids.slice(0, MAX_REPOSITORIES), total: ids.length };
    }
    const query = { page: 1, perPage: MAX_REPOSITORIES, sort: 'updatedAt', order: 'DESC' as const, filters: {} };
    const { data, total } = await this.repositories.list(query);
    return { ids: data.map(({ id }) => id), total };
  }
}

function withRest(notice: string | null, asked: number, total: number): string {
  return [notice, `Only ${asked} of ${total} repositories were asked: name those that you mean.`]
    .filter(Boolean)
    .join(' ');
}
