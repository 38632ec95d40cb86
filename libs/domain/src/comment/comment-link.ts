import type { ExternalCommentKind } from '../integration/external-comment';

/** Links a comment in Teko to its external comment, so that each comment appears exactly once on both sides. */
export interface CommentLink {
  id: string;
  commentId: string;
  taskId: string;
  repositoryId: string;
  /** Where the comment was posted first. */
  origin: 'external' | 'teko';
  kind: ExternalCommentKind;
  /** Number of the issue or pull request. */
  number: number;
  /** Null until the comment is posted. */
  externalId: string | null;
  url: string | null;
  /** Review thread of the comment; null if it has none. */
  threadId: string | null;
  path: string | null;
  line: number | null;
  /** Whether an authorised user requests changes to a pull request of Teko with this comment. */
  isRequest: boolean;
  /** `updatedAt` of the comment at the last sync; null before the first. */
  syncedAt: Date | null;
  /** When an external comment was fully processed; null until then, so that processing is repeated after a crash. */
  processedAt: Date | null;
  /** When posting was last attempted. A request of a process that crashed may still arrive after this time. */
  attemptedAt: Date | null;
  attempts: number;
  dueAt: Date;
  error: string | null;
  createdAt: Date;
}
