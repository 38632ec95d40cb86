import { UnavailableError } from '@teko/domain';
import type { CheckRun, Issue, ExternalUser, ExternalRepository, PullRequest, ExternalComment } from '@teko/domain';
import { z } from 'zod';

/* Converts JSON of GitHub's REST API and webhooks to domain types. Throws UnavailableError on unexpected JSON. */

const Id = z.union([z.number(), z.string(), z.bigint()]).transform(String);
const Time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

const User = z
  .object({ id: Id, login: z.string(), type: z.string().nullish() })
  .nullish()
  .transform((user) => user ?? { id: '0', login: 'ghost', type: 'User' });

const IssueJson = z.object({
  number: z.number(),
  title: Text,
  body: Text,
  html_url: Text,
  state: z.string(),
  state_reason: z.string().nullish(),
  user: User,
  labels: z.array(z.union([z.string(), z.object({ name: Text })])).nullish(),
  assignees: z.array(z.object({ login: z.string() })).nullish(),
  pull_request: z.object({ merged_at: z.string().nullish() }).nullish(),
  updated_at: Time,
});

const CommentJson = z.object({
  id: Id,
  user: User,
  body: Text,
  html_url: Text,
  issue_url: Text,
  pull_request_url: Text,
  in_reply_to_id: Id.nullish(),
  path: z.string().nullish(),
  line: z.number().nullish(),
  original_line: z.number().nullish(),
  created_at: Time,
  updated_at: Time,
});

const ReviewJson = z.object({
  id: Id,
  user: User,
  body: Text,
  html_url: Text,
  state: z.string().transform((state) => state.toLowerCase()),
  submitted_at: Time.nullish(),
  updated_at: Time.nullish(),
});

const PullRequestJson = z.object({
  number: z.number(),
  title: Text,
  html_url: Text,
  state: z.string(),
  merged_at: z.string().nullish(),
  draft: z.boolean().nullish(),
  head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
  base: z.object({ ref: z.string() }),
  mergeable: z.boolean().nullish(),
  updated_at: Time,
});

const RepositoryJson = z.object({
  id: Id,
  full_name: z.string(),
  clone_url: z.string(),
  default_branch: z.string(),
  archived: z.boolean().nullish(),
  private: z.boolean(),
  description: z.string().nullish(),
});

const CheckRunJson = z.object({
  id: Id,
  name: z.string(),
  head_sha: z.string(),
  status: z.string(),
  conclusion: z.string().nullish(),
  html_url: z.string().nullish(),
  output: z.object({ title: z.string().nullish(), summary: z.string().nullish() }).nullish(),
  completed_at: Time.nullish(),
});

const StatusJson = z.object({
  id: Id,
  context: z.string(),
  state: z.string(),
  target_url: z.string().nullish(),
  description: Text,
  updated_at: Time,
});

/** Parses JSON from GitHub with a schema. Throws UnavailableError with the invalid fields. */
export function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UnavailableError('forge', `GitHub sent an unexpected response (${errors.join('; ')})`);
}

export function authorOf(json: unknown): ExternalUser {
  const { id, login, type } = parse(User, json);
  return { id, login, isBot: type === 'Bot' || login.endsWith('[bot]') };
}

export function issueOf(json: unknown): Issue {
  const issue = parse(IssueJson, json);
  const isPullRequest = Boolean(issue.pull_request);
  const isOpen = issue.state === 'open';
  const isDone = isPullRequest
    ? Boolean(issue.pull_request?.merged_at)
    : !['not_planned', 'duplicate'].includes(issue.state_reason ?? '');
  return {
    number: issue.number,
    title: issue.title,
    body: issue.body,
    url: issue.html_url,
    isOpen,
    isCompleted: !isOpen && isDone,
    author: authorOf(issue.user),
    labels: (issue.labels ?? []).map((label) => (typeof label === 'string' ? label : label.name)),
    assignees: (issue.assignees ?? []).map(({ login }) => login),
    isPullRequest,
    updatedAt: issue.updated_at,
  };
}

export function issueCommentOf(json: unknown): ExternalComment {
  const comment = parse(CommentJson, json);
  return {
    ...commentFields(comment),
    kind: 'issue_comment',
    number: numberIn(comment.issue_url),
    verdict: null,
    threadId: null,
    path: null,
    line: null,
  };
}

export function reviewCommentOf(json: unknown): ExternalComment {
  const comment = parse(CommentJson, json);
  return {
    ...commentFields(comment),
    kind: 'review_comment',
    number: numberIn(comment.pull_request_url),
    verdict: null,
    threadId: comment.in_reply_to_id ?? comment.id,
    path: comment.path ?? null,
    line: comment.line ?? comment.original_line ?? null,
  };
}

/** Returns null for a pending review, and for one without a text or verdict that only groups its comments. */
export function reviewOf(json: unknown, number: number): ExternalComment | null {
  const review = parse(ReviewJson, json);
  if (!review.submitted_at || review.state === 'pending') return null;
  if (review.state === 'commented' && review.body.trim() === '') return null;
  const verdicts: Record<string, ExternalComment['verdict']> = {
    approved: 'approved',
    changes_requested: 'changes_requested',
  };
  return {
    ...commentFields({
      ...review,
      created_at: review.submitted_at,
      updated_at: review.updated_at ?? review.submitted_at,
    }),
    kind: 'review',
    number,
    verdict: verdicts[review.state] ?? 'commented',
    threadId: null,
    path: null,
    line: null,
  };
}

function commentFields(json: {
  id: string;
  user: z.infer<typeof User>;
  body: string;
  html_url: string;
  created_at: Date;
  updated_at: Date;
}): Pick<ExternalComment, 'id' | 'author' | 'body' | 'url' | 'createdAt' | 'updatedAt'> {
  return {
    id: json.id,
    author: authorOf(json.user),
    body: json.body,
    url: json.html_url,
    createdAt: json.created_at,
    updatedAt: json.updated_at,
  };
}

const numberIn = (url: string) => Number(/\/(\d+)$/.exec(url)?.[1] ?? 0);

export function pullRequestOf(json: unknown): PullRequest {
  const pullRequest = parse(PullRequestJson, json);
  return {
    number: pullRequest.number,
    title: pullRequest.title,
    url: pullRequest.html_url,
    isOpen: pullRequest.state === 'open',
    isMerged: Boolean(pullRequest.merged_at),
    isDraft: pullRequest.draft ?? false,
    headBranch: pullRequest.head.ref,
    headCommit: pullRequest.head.sha,
    headRepository: pullRequest.head.repo?.full_name ?? null,
    baseBranch: pullRequest.base.ref,
    isMergeable: pullRequest.mergeable ?? null,
    updatedAt: pullRequest.updated_at,
  };
}

export function repositoryOf(json: unknown): ExternalRepository {
  const repository = parse(RepositoryJson, json);
  return {
    forgeId: repository.id,
    forgeName: repository.full_name,
    url: repository.clone_url,
    defaultBranch: repository.default_branch,
    archived: repository.archived ?? false,
    private: repository.private,
    description: repository.description ?? null,
  };
}

const PASSED = ['success', 'neutral', 'skipped'];

/** Also accepts a job of GitHub Actions, whose id is that of its check run. */
export function checkRunOf(json: unknown): CheckRun {
  const run = parse(CheckRunJson, json);
  const isDone = run.status === 'completed' && Boolean(run.conclusion);
  return {
    id: `run:${run.id}`,
    name: run.name,
    headCommit: run.head_sha,
    state: !isDone ? 'pending' : PASSED.includes(run.conclusion!) ? 'passed' : 'failed',
    url: run.html_url ?? null,
    summary: [run.output?.title, run.output?.summary].filter(Boolean).join('\n\n'),
    completedAt: isDone ? (run.completed_at ?? null) : null,
  };
}

export function statusOf(json: unknown, headCommit: string): CheckRun {
  const status = parse(StatusJson, json);
  const state = status.state === 'pending' ? 'pending' : status.state === 'success' ? 'passed' : 'failed';
  return {
    id: `status:${status.id}`,
    name: status.context,
    headCommit,
    state,
    url: status.target_url ?? null,
    summary: status.description,
    completedAt: state === 'pending' ? null : status.updated_at,
  };
}
