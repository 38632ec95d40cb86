import { GithubWebhookParser } from '../../../libs/adapters/github/src/webhook-parser';
import { oddJson, oddText } from '../mutate';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';

const EVENTS = [
  ...[
    'issues',
    'issue_comment',
    'pull_request',
    'pull_request_review',
    'pull_request_review_comment',
    'check_run',
    'check_suite',
  ],
  ...['status', 'push', 'repository', 'ping', 'installation', 'label', '__proto__', 'constructor', ''],
];
const ACTIONS = [
  'opened',
  'edited',
  'labeled',
  'created',
  'submitted',
  'deleted',
  'closed',
  'renamed',
  'dismissed',
  '__proto__',
];

const USER = { id: 1, login: 'ada', type: 'User' };
const ISSUE = {
  ...{
    id: 1,
    number: 1,
    title: 'x',
    body: 'y',
    state: 'open',
    user: USER,
    labels: [{ name: 'teko' }],
    assignees: [USER],
  },
  ...{
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    html_url: 'https://example.org/1',
    comments: 0,
  },
};
const COMMENT = {
  ...ISSUE,
  state: 'commented',
  submitted_at: '2026-01-01T00:00:00Z',
  path: 'a',
  line: 1,
  author_association: 'MEMBER',
};
const REPOSITORY = {
  id: 1,
  name: 'shop',
  full_name: 'octo/shop',
  default_branch: 'main',
  clone_url: 'https://example.org/a.git',
  archived: false,
};
const SHA = 'a'.repeat(40);
const PULL = {
  ...ISSUE,
  head: { ref: 'x', sha: SHA, repo: REPOSITORY },
  base: { ref: 'main', sha: SHA },
  merged: false,
  draft: false,
};

function payload(random: Random): unknown {
  return {
    ...{
      action: random.pick(ACTIONS),
      issue: ISSUE,
      comment: COMMENT,
      review: COMMENT,
      pull_request: PULL,
      sender: USER,
    },
    ...{
      label: { name: 'teko' },
      assignee: USER,
      repository: REPOSITORY,
      check_run: { head_sha: SHA },
      check_suite: { head_sha: SHA },
    },
    ...{ sha: SHA, ref: 'refs/heads/main', after: SHA, changes: { name: { from: 'x' } }, installation: { id: 1 } },
  };
}

/** Replaces, removes and adds values anywhere. */
function disturb(value: unknown, random: Random): unknown {
  if (random.chance(0.04)) return oddJson(random);
  if (Array.isArray(value)) return value.map((one) => disturb(one, random));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(() => !random.chance(0.03))
    .map(([key, one]) => [key, disturb(one, random)]);
  return Object.fromEntries(random.chance(0.03) ? [...entries, [oddText(random, 8), oddJson(random)]] : entries);
}

/** Bodies of webhooks with a valid signature: an event or a reason, whatever they contain. */
export const webhook: FuzzTarget = {
  name: 'webhook',
  maxMs: 1_000,
  generate: (random) => Buffer.from(JSON.stringify([random.pick(EVENTS), disturb(payload(random), random)])),
  check(input) {
    const [event, body] = JSON.parse(input.toString()) as [string, unknown];
    const { externalEvent, ignored } = new GithubWebhookParser('x').parse(event, body);
    if ((externalEvent === null) === (ignored === null)) throw new Error('neither an event nor a reason, or both');
  },
};
