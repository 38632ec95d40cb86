import type { StoredCheckRun, CommentLink, WebhookEvent } from '@teko/domain';
import { bool, commit, date, id, int, line, longText, nullable, ref, word } from './columns';
import { table } from './schema';

/** Tables of webhooks, synced comments and check runs. */
export function integrationTables(mysql: boolean) {
  const text = longText(mysql);
  return {
    webhookEvents: table<WebhookEvent>('webhook_events', {
      columns: {
        // The primary key, because both databases auto-increment only a key.
        number: { ...int, primary: true, generated: 'increment' },
        id: ref,
        source: word,
        deliveryId: line,
        event: line,
        action: nullable(line),
        subject: line,
        repositoryId: nullable(ref),
        status: word,
        detail: nullable(text),
        attempts: int,
        payload: text,
        dueAt: date,
        leaseExpiresAt: nullable(date),
        receivedAt: date,
        handledAt: nullable(date),
      },
      unique: [['id'], ['source', 'deliveryId']],
      index: [['status', 'subject', 'number'], ['handledAt']],
    }),
    commentLinks: table<CommentLink>('comment_links', {
      columns: {
        id,
        commentId: ref,
        taskId: ref,
        repositoryId: ref,
        origin: word,
        kind: word,
        number: int,
        externalId: nullable(line),
        url: nullable(text),
        threadId: nullable(line),
        path: nullable(text),
        line: nullable(int),
        isRequest: bool,
        syncedAt: nullable(date),
        processedAt: nullable(date),
        attemptedAt: nullable(date),
        attempts: int,
        dueAt: date,
        error: nullable(text),
        createdAt: date,
      },
      unique: [['commentId'], ['repositoryId', 'kind', 'externalId']],
      index: [['taskId'], ['dueAt']],
      parents: { commentId: 'comments' },
    }),
    checkRuns: table<StoredCheckRun>('check_runs', {
      columns: {
        id,
        repositoryId: ref,
        changeId: ref,
        externalId: line,
        name: text,
        headCommit: commit,
        state: word,
        url: nullable(text),
        completedAt: nullable(date),
        updatedAt: date,
      },
      unique: [['repositoryId', 'externalId']],
      index: [['changeId'], ['repositoryId', 'headCommit']],
      parents: { changeId: 'changes' },
    }),
  };
}
