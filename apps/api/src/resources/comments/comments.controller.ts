import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { CommentRepository } from '@teko/domain';
import { Endpoint } from '../../http/endpoint.decorator';
import { toListQuery } from '../../http/list-query.dto';
import { ReadableWithin } from '../../http/readable.decorator';
import { CommentDto, CommentListQuery } from './comment.dto';

@ApiTags('comments')
@Controller('api/v1/comments')
export class CommentsController {
  constructor(@Inject(CommentRepository) private readonly comments: CommentRepository) {}

  @Get()
  @Endpoint({ summary: 'List comments', can: ['read', 'Comment'], ok: CommentDto, shape: 'page', errors: [422] })
  list(@Query() query: CommentListQuery, @ReadableWithin('Comment') within?: string[]): Promise<Page<CommentDto>> {
    return this.comments.list(toListQuery(query, within));
  }
}
