import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Ids, Repository, RepositoryRepository, Task, TaskRepository } from '@teko/domain';

const run = promisify(execFile);

interface DemoCommit {
  message: string;
  date: string;
  files: Record<string, string | null>;
}

/** Builds the demo repository with its history in `<home>/demo/repository`, and stores it with its ticket. */
export async function loadDemo(options: {
  home: string;
  folder: string;
  repositories: RepositoryRepository;
  tasks: TaskRepository;
  ids: Ids;
  now: Date;
}): Promise<void> {
  const { home, folder, repositories, tasks, ids, now } = options;
  const path = join(home, 'demo', 'repository');
  const history = JSON.parse(await readFile(join(folder, 'history.json'), 'utf8')) as DemoCommit[];
  const ticket = JSON.parse(await readFile(join(folder, 'ticket.json'), 'utf8')) as Pick<Task, 'title' | 'description'>;
  await buildHistory(path, history);
  const repository = demoRepository(ids.next(), path, now);
  await repositories.insert(repository);
  await tasks.insert({
    id: ids.next(),
    repositoryId: repository.id,
    kind: 'implement',
    ...ticket,
    priority: 'normal',
    status: 'new',
    statusReason: null,
    source: 'demo',
    sourceKey: 'demo:1',
    sourceUrl: null,
    issueNumber: null,
    requestedBy: null,
    triggerKey: null,
    planFirst: false,
    baseBranch: null,
    changeId: null,
    allowTestChanges: false,
    blockedBy: null,
    demo: true,
    createdById: null,
    createdAt: now,
    updatedAt: now,
  });
}

function demoRepository(id: string, url: string, now: Date): Repository {
  return {
    id,
    name: 'demo',
    url,
    forge: 'local',
    forgeId: null,
    forgeName: null,
    archived: false,
    intakeLabel: 'teko',
    reconciledAt: null,
    missedEvents: 0,
    defaultBranch: null,
    status: 'pending',
    statusReason: null,
    headCommit: null,
    setupCommand: null,
    testCommand: null,
    lintCommand: null,
    buildCommand: null,
    approvalRule: 'risky',
    approvers: 'anyone',
    planRule: 'never',
    weight: 1,
    demo: true,
    fetchedAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

async function buildHistory(path: string, history: DemoCommit[]): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await git(path, ['init', '--quiet', '--initial-branch=main']);
  for (const commit of history) {
    for (const [file, content] of Object.entries(commit.files)) await put(join(path, file), content);
    await git(path, ['add', '--all']);
    await git(path, ['commit', '--quiet', '--message', commit.message], commit.date);
  }
}

async function put(file: string, content: string | null): Promise<void> {
  if (content === null) return rm(file);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function git(cwd: string, args: string[], date?: string): Promise<void> {
  const author = {
    GIT_AUTHOR_NAME: 'Demo',
    GIT_AUTHOR_EMAIL: 'demo@localhost',
    GIT_COMMITTER_NAME: 'Demo',
    GIT_COMMITTER_EMAIL: 'demo@localhost',
  };
  const dates = date ? { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } : {};
  await run('git', args, {
    cwd,
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...author, ...dates },
  });
}
