import { randomUUID } from 'node:crypto';
import type { StoredCheckRun, CommentLink, WebhookEvent } from '@teko/domain';
import { BUILT_AT } from './builders';

/** A webhook that waits to be handled. */
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
    leasedUntil: null,
    receivedAt: BUILT_AT,
    handledAt: null,
    ...overrides,
  };
}

/** What was said in Teko and is still to be said on the issue. */
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

/** A test job that passed. */
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
