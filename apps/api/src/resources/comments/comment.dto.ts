import type { Comment } from '@teko/domain';
import { IsString } from 'class-validator';
import { Id, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** Something said on a task. */
export class CommentDto implements Comment {
  @Id('Identifier.') id: string;
  @Id('Task.') taskId: string;
  @Id('Run that it tells of.', { nullable: true }) runId: string | null;
  @Text('Who said it.', 'Admin') author: string;
  @OneOf(['user', 'teko'], 'A person, or Teko.') authorKind: Comment['authorKind'];
  @Text('Markdown.', 'Please keep the old signature.') body: string;
  @Text('Set for what Teko writes.', 'run:4:done', { nullable: true }) idempotencyKey: string | null;
  @When('Created.') createdAt: Date;
  @When('Last changed.') updatedAt: Date;
}

export class CreateCommentDto {
  @Text('Markdown.', 'Please keep the old signature.', { maxLength: 20_000 })
  @IsString({ message: 'must be text' })
  body: string;
}

export class CommentListQuery extends listQueryOf({ sort: ['createdAt'], order: 'ASC', filters: { taskId: null } }) {}
export class TaskCommentListQuery extends listQueryOf({ sort: ['createdAt'], order: 'ASC' }) {}
