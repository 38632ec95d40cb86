import { randomUUID } from 'node:crypto';
import type { StoredCheckRun, CommentLink, WebhookEvent } from '@teko/domain';
import { BUILT_AT } from './builders';

/** A pending webhook event. */
export function aWebhookEvent(overrides: Partial<WebhookEvent> = {}): WebhookEvent {
  const id = overrides.id ?? randomUUID();
  return {
    id,
    number: 1,
    source: 'github',
    deliveryId: `delivery:${id}`,
    event: 'issues',
    action: 'labeled',
    subject: `issue:${id}`,
    repositoryId: null,
    status: 'pending',
    detail: null,
    attempts: 0,
    payload: '{}',
    dueAt: BUILT_AT,
    leaseExpiresAt: null,
    receivedAt: BUILT_AT,
    handledAt: null,
    ...overrides,
  };
}

/** A link of a Teko comment that is not yet posted on the issue. */
export function aCommentLink(overrides: Partial<CommentLink> = {}): CommentLink {
  return {
    id: randomUUID(),
    commentId: randomUUID(),
    taskId: randomUUID(),
    repositoryId: randomUUID(),
    origin: 'teko',
    kind: 'issue_comment',
    number: 41,
    externalId: null,
    url: null,
    threadId: null,
    path: null,
    line: null,
    isRequest: false,
    syncedAt: null,
    processedAt: null,
    attemptedAt: null,
    attempts: 0,
    dueAt: BUILT_AT,
    error: null,
    createdAt: BUILT_AT,
    ...overrides,
  };
}

/** A passed check run. */
export function aCheckRun(overrides: Partial<StoredCheckRun> = {}): StoredCheckRun {
  const id = overrides.id ?? randomUUID();
  return {
    id,
    repositoryId: randomUUID(),
    changeId: randomUUID(),
    externalId: `check:${id}`,
    name: 'test',
    headCommit: 'b'.repeat(40),
    state: 'passed',
    url: null,
    completedAt: BUILT_AT,
    updatedAt: BUILT_AT,
    ...overrides,
  };
}
