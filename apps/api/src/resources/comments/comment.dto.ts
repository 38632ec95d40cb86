import type { Comment } from '@teko/domain';
import { IsString } from 'class-validator';
import { Flag, Id, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** Something said on a task. */
export class CommentDto implements Comment {
  @Id('Identifier.') id: string;
  @Id('Task.') taskId: string;
  @Id('Run that it tells of.', { nullable: true }) runId: string | null;
  @Text('Who said it.', 'Admin') author: string;
  @OneOf(['user', 'teko'], 'A person, or Teko.') authorKind: Comment['authorKind'];
  @Id('User of Teko who wrote it; null for Teko itself and for people outside.', { nullable: true })
  authorId: string | null;
  @Flag('Its author may ask for work there; what others say is shown and never read to an agent.', true)
  trusted: boolean;
  @Text('Markdown; empty where it was taken back.', 'Please keep the old signature.') body: string;
  @Text('Set for what Teko writes.', 'run:4:done', { nullable: true }) idempotencyKey: string | null;
  @Text('Where it stands on the forge.', 'https://github.com/acme/billing/issues/41#issuecomment-1', { nullable: true })
  url: string | null;
  @Flag('It was said on the forge, and is changed there alone.', false) fromForge: boolean;
  @When('Taken back.', { nullable: true }) deletedAt: Date | null;
  @When('Created.') createdAt: Date;
  @When('Last changed.') updatedAt: Date;
}

export class CreateCommentDto {
  @Text('Markdown.', 'Please keep the old signature.', { maxLength: 20_000 })
  @IsString({ message: 'must be text' })
  body: string;
}

export class UpdateCommentDto extends CreateCommentDto {}

export class CommentListQuery extends listQueryOf({ sort: ['createdAt'], order: 'ASC', filters: { taskId: null } }) {}
export class TaskCommentListQuery extends listQueryOf({ sort: ['createdAt'], order: 'ASC' }) {}
