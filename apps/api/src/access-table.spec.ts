import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import { hashOf } from '@teko/identity';
import {
  aChange,
  aFinding,
  anAccount,
  anApiToken,
  anApproval,
  anInsight,
  aCodebaseProfile,
  aComment,
  aRepository,
  aRepositoryGrant,
  aRole,
  aRun,
  aTask,
  aWebhookEvent,
} from '@teko/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiClient, ApiFixture } from './api.fixture';
import { buildOpenApi } from './openapi';

/** Expected status of every operation for every caller. UPDATE_ACCESS=1 rewrites it; review the diff for gained access. */
const TABLE = new URL('../access-table.json', import.meta.url);
const PUBLIC_PAGES = /^\/auth\//;

const CALLERS = ['anonymous', 'viewer', 'developer', 'maintainer', 'admin', 'insider', 'outsider', 'token'] as const;
type Caller = (typeof CALLERS)[number];

let api: ApiFixture;
let source: string;
let links: string;
beforeAll(async () => {
  api = await ApiFixture.start();
  source = mkdtempSync(join(tmpdir(), 'teko-access-'));
  links = mkdtempSync(join(tmpdir(), 'teko-access-links-'));
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', source]);
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  execFileSync('git', ['-C', source, ...author, 'commit', '--quiet', '--allow-empty', '--message', 'First']);
});
afterAll(async () => {
  await api?.close();
  for (const folder of [source, links]) if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Inserts new rows for each call, because a call can delete them. */
async function insertRows() {
  const { repositories: rows } = api;
  const repository = aRepository();
  await rows.RepositoryRepository.insert(repository);
  const repositoryId = repository.id;
  await rows.CodebaseProfileRepository.save(aCodebaseProfile({ repositoryId }));
  const task = await rows.TaskRepository.insert(aTask({ repositoryId }));
  const run = await rows.RunRepository.insert(aRun({ repositoryId, taskId: task.id, status: 'succeeded' }));
  const change = await rows.ChangeRepository.insert(aChange({ repositoryId, taskId: task.id, runId: run.id }));
  const approval = await rows.ApprovalRepository.insert(anApproval({ repositoryId, taskId: task.id, runId: run.id }));
  const finding = aFinding({ repositoryId, taskId: task.id, runId: run.id, changeId: change.id });
  await rows.FindingRepository.replaceForRun(run.id, [finding]);
  const insight = anInsight({ repositoryId });
  await rows.InsightRepository.insert(insight);
  const comment = await rows.CommentRepository.insert(aComment({ taskId: task.id }));
  const webhookEvent = aWebhookEvent();
  await rows.WebhookEventRepository.insert(webhookEvent);
  const user = await api.user({ roles: ['viewer'] });
  const newcomer = await api.user({ roles: [] });
  const role = aRole();
  await rows.RoleRepository.insert(role);
  const grant = aRepositoryGrant({ userId: user.id, repositoryId });
  await rows.RepositoryGrantRepository.insert(grant);
  const budget = { scope: 'user', scopeId: user.id, period: 'total', limitMicros: 1 } as const;
  const stamps = { createdAt: new Date(), updatedAt: new Date() };
  await rows.BudgetRepository.insert({ id: `b${user.id.slice(1)}`, ...budget, ...stamps });
  const account = anAccount({ userId: user.id });
  await rows.AccountRepository.insert(account);
  const apiToken = anApiToken({ userId: user.id });
  await rows.ApiTokenRepository.insert(apiToken);
  await api.clientOf(user);
  const [session] = await rows.SessionRepository.findByUser(user.id);
  return {
    repository,
    budget: { id: `b${user.id.slice(1)}` },
    task,
    run,
    change,
    approval,
    finding,
    insight,
    comment,
    webhookEvent,
    user,
    newcomer,
    role,
    grant,
    account,
    apiToken,
    session: session!,
  };
}
type Rows = Awaited<ReturnType<typeof insertRows>>;

async function clientOf(caller: Caller, { repository }: Rows): Promise<ApiClient> {
  if (caller === 'anonymous') return api.client();
  if (caller === 'token') return tokenClient();
  if (caller !== 'insider' && caller !== 'outsider') return api.client(caller);
  const other = aRepository();
  await api.repositories.RepositoryRepository.insert(other);
  const user = await api.user({ roles: [] });
  const repositoryId = caller === 'insider' ? repository.id : other.id;
  await api.repositories.RepositoryGrantRepository.insert(
    aRepositoryGrant({ userId: user.id, repositoryId, role: 'developer' }),
  );
  return api.clientOf(user);
}

/** Returns a client with an admin's token that can only read and create tasks. */
async function tokenClient(): Promise<ApiClient> {
  const { id: userId } = await api.user({ roles: ['admin'] });
  const secret = `teko_${userId}`;
  const expiresAt = new Date(Date.now() + 60_000);
  await api.repositories.ApiTokenRepository.insert(
    anApiToken({ userId, tokenHash: hashOf(secret), scopes: ['read:Task', 'create:Task'], expiresAt }),
  );
  const client = new ApiClient(api.url);
  client.bearer = secret;
  return client;
}

const ROW_BY_RESOURCE: Record<string, keyof Rows> = {
  repositories: 'repository',
  tasks: 'task',
  runs: 'run',
  changes: 'change',
  approvals: 'approval',
  findings: 'finding',
  insights: 'insight',
  comments: 'comment',
  'webhook-events': 'webhookEvent',
  users: 'user',
  budgets: 'budget',
  roles: 'role',
  'repository-grants': 'grant',
  accounts: 'account',
  'api-tokens': 'apiToken',
  sessions: 'session',
};

/** Returns the request example of the document, with ids of existing rows. */
function bodyOf(example: unknown, path: string, { repository, user, newcomer, role, approval }: Rows): unknown {
  if (typeof example !== 'object' || example === null) return undefined;
  const body: Record<string, unknown> = { ...example };
  if ('repositoryId' in body) body.repositoryId = repository.id;
  if ('userId' in body) body.userId = newcomer.id;
  if ('changeId' in body) body.changeId = null;
  // The URL has to be unique for each caller.
  if ('url' in body && path.endsWith('/repositories')) body.url = linkTo(source, user.id);
  if ('forgeName' in body) body.forgeName = `acme/${user.id}`;
  if ('email' in body) body.email = `${user.id}@example.org`;
  if ('roles' in body) body.roles = [];
  if ('role' in body) body.role = 'viewer';
  if ('name' in body && path.endsWith('/roles')) body.name = `r${role.id.slice(0, 8)}`;
  if ('permissions' in body) body.permissions = ['read:Task'];
  if ('sourceKey' in body) body.sourceKey = `access:${user.id}`;
  if ('limitMicros' in body && 'scope' in body) Object.assign(body, { scope: 'repository', scopeId: repository.id });
  if ('subjectHash' in body) body.subjectHash = approval.subjectHash;
  if ('expiresAt' in body) body.expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  return body;
}

function linkTo(folder: string, name: string): string {
  const path = join(links, name);
  symlinkSync(folder, path);
  return path;
}

interface Operation {
  requestBody?: { content: Record<string, { example?: unknown }> };
}

async function statusOf(caller: Caller, method: string, path: string, operation: Operation): Promise<number> {
  const rows = await insertRows();
  const client = await clientOf(caller, rows);
  const row = ROW_BY_RESOURCE[path.split('/')[3] ?? ''];
  const url = path.replace('{id}', row ? rows[row].id : 'none');
  const body = bodyOf(operation.requestBody?.content['application/json']?.example, path, rows);
  const { status } = await client.request(
    method.toUpperCase(),
    url,
    body,
    {},
    { headersOnly: url.endsWith('/events') },
  );
  return status;
}

it('returns the status in the table for every operation and caller', async () => {
  const { paths } = (await buildOpenApi()) as OpenAPIObject;
  const table: Record<string, Record<string, number>> = {};
  for (const [path, operations] of Object.entries(paths)) {
    if (PUBLIC_PAGES.test(path)) continue;
    for (const [method, operation] of Object.entries(operations as Record<string, Operation>)) {
      const statuses = CALLERS.map(async (caller) => [caller, await statusOf(caller, method, path, operation)]);
      table[`${method.toUpperCase()} ${path}`] = Object.fromEntries(await Promise.all(statuses)) as Record<
        string,
        number
      >;
    }
  }
  if (process.env.UPDATE_ACCESS) writeFileSync(TABLE, `${JSON.stringify(table, null, 2)}\n`);
  expect(table).toEqual(JSON.parse(readFileSync(TABLE, 'utf8')));
});
