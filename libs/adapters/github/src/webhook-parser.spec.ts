import { createHmac } from 'node:crypto';
import examples from '@octokit/webhooks-examples';
import { describe, expect, it } from 'vitest';
import { GithubWebhookParser } from './webhook-parser';

describe('verify', () => {
  // GitHub's documented example.
  const secret = "It's a Secret to Everybody";
  const body = Buffer.from('Hello, World!');
  const valid = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const parser = new GithubWebhookParser(secret);

  it('accepts the signature from GitHub’s documentation', () => {
    expect(parser.verify(body, valid)).toBe(true);
  });

  it.each<[string, string | undefined]>([
    ['missing', undefined],
    ['empty', ''],
    ['truncated', valid.slice(0, -2)],
    ['longer', `${valid}00`],
    ['without prefix', valid.slice(7)],
    ['in capitals', valid.toUpperCase().replace('SHA256', 'sha256')],
    ['of SHA-1', `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`],
    ['wrong', `sha256=${'0'.repeat(64)}`],
  ])('rejects a signature that is %s', (_case, signature) => {
    expect(parser.verify(body, signature)).toBe(false);
  });

  it('rejects another body, and everything without a secret', () => {
    expect(parser.verify(Buffer.from('Hello, World?'), valid)).toBe(false);
    expect(new GithubWebhookParser(undefined).verify(body, valid)).toBe(false);
  });
});

describe('parse', () => {
  const parser = new GithubWebhookParser('x');
  const outcomes = new Map<string, Set<string>>();
  for (const { name, examples: payloads } of examples) {
    for (const payload of payloads) {
      const { externalEvent: event, ignored } = parser.parse(name, payload);
      expect(event === null).toBe(ignored !== null);
      const what = event ? [event.type, 'action' in event ? event.action : ''].join(' ').trim() : '-';
      outcomes.set(name, (outcomes.get(name) ?? new Set()).add(what));
    }
  }

  it.each([
    ['issues', ['issue assigned', 'issue edited', 'issue labelled', 'issue opened', 'issue other']],
    ['issue_comment', ['comment created', 'comment deleted', 'comment edited']],
    ['pull_request_review_comment', ['comment created', 'comment deleted', 'comment edited']],
    ['pull_request', ['pull_request']],
    ['check_run', ['check_runs']],
    ['status', ['check_runs']],
    ['ping', ['-']],
    ['star', ['-']],
    ['installation', ['-']],
  ])('parses the public examples of %s as %j', (event, expected) => {
    expect([...(outcomes.get(event) ?? [])].sort()).toEqual(expect.arrayContaining(expected));
  });

  it('parses all public examples', () => {
    expect(examples.flatMap(({ examples: payloads }) => payloads)).toHaveLength(329);
  });

  const example = (name: string) => examples.find((one) => one.name === name)!.examples[0] as object;
  it.each<[string, object, object]>([
    ['issues', {}, { subject: 'github:186853002#1', forgeId: '186853002', action: 'edited' }],
    ['issues', { sender: null }, { externalEvent: { actor: { id: '0', login: 'ghost', isBot: false } } }],
    [
      'issues',
      { sender: { id: 5, login: 'x[bot]', type: 'User' } },
      { externalEvent: { actor: { id: '5', isBot: true } } },
    ],
    [
      'issues',
      { action: 'labeled', label: { name: 'teko' } },
      { externalEvent: { action: 'labelled', label: 'teko', assignee: null } },
    ],
    [
      'issues',
      { action: 'assigned', assignee: { login: 'teko[bot]' } },
      { externalEvent: { action: 'assigned', label: null, assignee: 'teko[bot]' } },
    ],
    [
      'issue_comment',
      {},
      { subject: 'github:186853002#1', externalEvent: { externalComment: { kind: 'issue_comment', number: 1 } } },
    ],
    [
      'pull_request',
      {},
      { subject: 'github:186853002#2', externalEvent: { type: 'pull_request', pullRequest: { number: 2 } } },
    ],
    ['pull_request_review_comment', {}, { subject: 'github:186853002#2', externalEvent: { issue: null } }],
    [
      'pull_request_review',
      {
        action: 'submitted',
        review: { id: 1, user: null, body: null, state: 'CHANGES_REQUESTED', submitted_at: '2026-01-01T00:00:00Z' },
      },
      {
        externalEvent: {
          action: 'created',
          externalComment: { verdict: 'changes_requested', author: { login: 'ghost' } },
        },
      },
    ],
    [
      'pull_request_review',
      {
        action: 'dismissed',
        review: { id: 1, user: null, body: '', state: 'dismissed', submitted_at: '2026-01-01T00:00:00Z' },
      },
      { externalEvent: { action: 'edited', externalComment: { verdict: 'commented' } } },
    ],
    ['check_run', {}, { subject: 'github:186853002@ec26c3e57ca3a959ca5aad62de7213c562f8c821' }],
    ['status', {}, { subject: 'github:186853002@6113728f27ae82c7b1a177c8d03f9e96e0adf246' }],
    ['push', { ref: 'refs/tags/v1' }, { subject: 'github:186853002', externalEvent: null }],
    [
      'push',
      { ref: 'refs/heads/a/b', deleted: true },
      { externalEvent: { type: 'push', branch: 'a/b', commit: null } },
    ],
    ['repository', { action: 'renamed' }, { externalEvent: { type: 'repository', isDeleted: false } }],
    ['repository', { action: 'deleted' }, { externalEvent: { type: 'repository', isDeleted: true } }],
    ['repository', { action: 'created' }, { externalEvent: null }],
    ['installation', {}, { subject: 'github', forgeId: null, externalEvent: null }],
  ])('parses %s with %j', (event, more, parsed) => {
    expect(parser.parse(event, { ...example(event), ...more })).toMatchObject(parsed);
  });

  it.each<[string, unknown]>([
    ['issues', null],
    ['issues', { action: 'labeled' }],
    ['issues', { action: 'labeled', issue: { number: 'x' }, repository: { id: {} } }],
    ['push', { ref: 5 }],
    ['constructor', {}],
    ['__proto__', { action: ['a'] }],
  ])('ignores %s with %j and returns a reason', (event, payload) => {
    expect(parser.parse(event, payload)).toMatchObject({ externalEvent: null, ignored: expect.stringMatching(/./) });
  });
});
