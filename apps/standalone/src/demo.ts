import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ids, Repository, RepositoryRepository, Task, TaskRepository } from '@teko/domain';
import { createRepository, type CommitContent } from '@teko/local';

/** Creates the demo repository with its history in `<home>/demo/repository`, and stores it with a task for its ticket. */
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
  const history = JSON.parse(await readFile(join(folder, 'history.json'), 'utf8')) as CommitContent[];
  const ticket = JSON.parse(await readFile(join(folder, 'ticket.json'), 'utf8')) as Pick<Task, 'title' | 'description'>;
  await createRepository(path, history, { name: 'Demo', email: 'demo@localhost' });
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
    isBug: false,
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
    preapprovedPaths: null,
    unprovenRule: 'keep_branch',
    approvers: 'anyone',
    planRule: 'never',
    weight: 1,
    demo: true,
    fetchedAt: null,
    createdAt: now,
    updatedAt: now,
  };
}
