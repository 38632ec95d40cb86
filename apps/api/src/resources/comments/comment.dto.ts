import type { Comment } from '@teko/domain';
import { IsString } from 'class-validator';
import { Flag, Id, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** A comment on a task. */
export class CommentDto implements Comment {
  @Id('Unique ID.') id: string;
  @Id('ID of the task.') taskId: string;
  @Id('The run that posted the comment, or that addresses it; null if none.', { nullable: true, example: null }) runId:
    string | null;
  @Text('Name of the author.', 'Ada') author: string;
  @OneOf(['user', 'teko'], 'Whether a user or Teko wrote the comment.') authorKind: Comment['authorKind'];
  @Id('ID of the author in Teko; null for Teko itself and for external users.', { nullable: true })
  authorId: string | null;
  @Flag(
    'Whether the author is allowed to request work. Untrusted comments are shown, but never sent to an agent.',
    true,
  )
  trusted: boolean;
  @Text('Body in Markdown; empty if the comment was deleted.', 'Please keep the old signature.') body: string;
  @Text(
    'Idempotency key, such as `run:<id>:comment`; null for comments by users.',
    'run:0193a5c2-7d10-7c3a-9d52-5b8e1f0a4c11:comment',
    { nullable: true, example: null },
  )
  idempotencyKey: string | null;
  @Text(
    'URL of the comment on the forge; null until it is published there.',
    'https://github.com/acme/billing/issues/41#issuecomment-1',
    {
      nullable: true,
    },
  )
  url: string | null;
  @Flag('Whether the comment was posted on the forge; it can then only be changed there.', false) fromForge: boolean;
  @When('When it was deleted.', { nullable: true, example: null }) deletedAt: Date | null;
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
