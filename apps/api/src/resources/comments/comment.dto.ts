import type { Comment } from '@teko/domain';
import { IsString } from 'class-validator';
import { Flag, Id, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** A comment on a task. */
export class CommentDto implements Comment {
  @Id('Unique ID.') id: string;
  @Id('ID of the task.') taskId: string;
  @Id('ID of the run that the comment is about.', { nullable: true }) runId: string | null;
  @Text('Name of the author.', 'Admin') author: string;
  @OneOf(['user', 'teko'], 'Whether a user or Teko wrote the comment.') authorKind: Comment['authorKind'];
  @Id('ID of the author in Teko; null for Teko itself and for external users.', { nullable: true })
  authorId: string | null;
  @Flag(
    'Whether the author is allowed to request work. Untrusted comments are shown, but never sent to an agent.',
    true,
  )
  trusted: boolean;
  @Text('Body in Markdown; empty if the comment was deleted.', 'Please keep the old signature.') body: string;
  @Text('Idempotency key; set for comments by Teko.', 'run:4:done', { nullable: true }) idempotencyKey: string | null;
  @Text('URL of the comment on the forge.', 'https://github.com/acme/billing/issues/41#issuecomment-1', {
    nullable: true,
  })
  url: string | null;
  @Flag('Whether the comment was posted on the forge; it can then only be changed there.', false) fromForge: boolean;
  @When('When it was deleted.', { nullable: true }) deletedAt: Date | null;
  @When('When it was created.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

export class CreateCommentDto {
  @Text('Body in Markdown.', 'Please keep the old signature.', { maxLength: 20_000 })
  @IsString({ message: 'must be text' })
  body: string;
}

export class UpdateCommentDto extends CreateCommentDto {}

export class CommentListQuery extends listQueryOf({ sort: ['createdAt'], order: 'ASC', filters: { taskId: null } }) {}
export class TaskCommentListQuery extends listQueryOf({ sort: ['createdAt'], order: 'ASC' }) {}
