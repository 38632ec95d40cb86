import { Body, Controller, Delete, Get, Inject, Param, Patch, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { CommentRepository } from '@teko/domain';
import { CurrentIdentity, type Identity } from '@teko/identity';
import { IntakeService } from '@teko/intake';
import { Endpoint } from '../../http/endpoint.decorator';
import { toListQuery } from '../../http/list-query.dto';
import { ReadableWithin } from '../../http/readable.decorator';
import { CommentPresenter } from './comment-presenter.service';
import { CommentDto, CommentListQuery, UpdateCommentDto } from './comment.dto';

@ApiTags('comments')
@Controller('api/v1/comments')
export class CommentsController {
  constructor(
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(CommentPresenter) private readonly presenter: CommentPresenter,
  ) {}

  @Get()
  @Endpoint({ summary: 'List comments', can: ['read', 'Comment'], ok: CommentDto, shape: 'page', errors: [422] })
  async list(
    @Query() query: CommentListQuery,
    @ReadableWithin('Comment') within?: string[],
  ): Promise<Page<CommentDto>> {
    return this.presenter.page(await this.comments.list(toListQuery(query, within)));
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Update a comment',
    description: 'Only the author can update a comment.',
    of: 'Comment',
    can: ['update', 'Comment'],
    ok: CommentDto,
    errors: [404, 409, 422],
    writes: true,
  })
  async update(
    @Param('id') id: string,
    @Body() input: UpdateCommentDto,
    @CurrentIdentity() { user }: Identity,
  ): Promise<CommentDto> {
    return this.presenter.one(await this.intake.editComment(id, input, user));
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Delete a comment',
    description: 'The comment stays in the list with an empty body. It is also deleted on the forge.',
    of: 'Comment',
    can: ['delete', 'Comment'],
    ok: CommentDto,
    errors: [404, 409],
    writes: true,
  })
  async remove(@Param('id') id: string, @CurrentIdentity() { user }: Identity): Promise<CommentDto> {
    return this.presenter.one(await this.intake.deleteComment(id, user));
  }
}
