import { Inject, Injectable } from '@nestjs/common';
import type { Page } from '@teko/contracts';
import { CommentLinkRepository, type Comment } from '@teko/domain';
import type { CommentDto } from './comment.dto';

/** Adds to comments their URL and origin on the forge. */
@Injectable()
export class CommentPresenter {
  constructor(@Inject(CommentLinkRepository) private readonly links: CommentLinkRepository) {}

  async page({ data, total }: Page<Comment>): Promise<Page<CommentDto>> {
    const tasks = [...new Set(data.map(({ taskId }) => taskId))];
    const links = (await Promise.all(tasks.map((taskId) => this.links.findByTask(taskId)))).flat();
    const byComment = new Map(links.map((link) => [link.commentId, link]));
    const withLinks = data.map((comment) => {
      const link = byComment.get(comment.id);
      return { ...comment, url: link?.url ?? null, fromForge: link?.origin === 'external' };
    });
    return { data: withLinks, total };
  }

  async one(comment: Comment): Promise<CommentDto> {
    const { data } = await this.page({ data: [comment], total: 1 });
    return data[0]!;
  }
}
