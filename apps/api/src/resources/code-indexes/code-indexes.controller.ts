import { Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Clock, CodeIndexRepository, Ids, newCodeIndex, type CodeIndex } from '@teko/domain';
import { Events } from '@teko/platform';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { CodeIndexDto, codeIndexDto } from './code-index.dto';

@ApiTags('code index')
@Controller('api/v1/repositories/:id/code-index')
export class CodeIndexesController {
  constructor(
    @Inject(CodeIndexRepository) private readonly indexes: CodeIndexRepository,
    @Inject(Events) private readonly events: Events,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  @Get()
  @Endpoint({
    summary: 'Get the code index of a repository',
    of: 'Repository',
    can: ['read', 'CodebaseProfile'],
    ok: CodeIndexDto,
    errors: [404],
  })
  async show(@Param('id') id: string): Promise<CodeIndexDto> {
    return codeIndexDto(await this.of(id));
  }

  @Post()
  @Endpoint({
    summary: 'Update the code index of a repository',
    description: 'Indexes the latest commit in the background. Unchanged files are not read again.',
    of: 'Repository',
    can: ['update', 'Repository'],
    ok: CodeIndexDto,
    status: 202,
    errors: [404],
    writes: true,
  })
  async request(@Param('id') id: string): Promise<CodeIndexDto> {
    return this.changed(await this.indexes.request(newCodeIndex(this.ids.next(), id, this.clock.now())));
  }

  @Post('cancel')
  @Endpoint({
    summary: 'Cancel indexing of a repository',
    description: 'Progress is kept. The previously indexed commit can still be searched.',
    of: 'Repository',
    can: ['update', 'Repository'],
    ok: CodeIndexDto,
    status: 202,
    errors: [404],
    writes: true,
  })
  async cancel(@Param('id') id: string): Promise<CodeIndexDto> {
    const index = await this.of(id);
    if (index.status !== 'pending' && index.status !== 'indexing') return codeIndexDto(index);
    const now = this.clock.now();
    // No worker has a pending index, so it is cancelled here.
    const patch = index.status === 'pending' ? { status: 'cancelled' as const } : { cancelRequestedAt: now };
    return this.changed(await this.indexes.update(index.id, { ...patch, updatedAt: now }));
  }

  private of(repositoryId: string): Promise<CodeIndex> {
    return findOrThrow('code index of repository', repositoryId, this.indexes.findByRepository(repositoryId));
  }

  private async changed(index: CodeIndex): Promise<CodeIndexDto> {
    const { repositoryId } = index;
    await this.events.record({ type: 'repository', subjectId: repositoryId, repositoryId, taskId: null, runId: null });
    return codeIndexDto(index);
  }
}
