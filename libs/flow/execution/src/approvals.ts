import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ApprovalRepository, Clock, GitMirrors, Ids, risksOf, type Repository } from '@teko/domain';
import { EndRun, WaitForPeople } from './ending';
import type { RunScope } from './run-scope';

/** Asks people before a change leaves Teko, where the repository's rule says so. */
@Injectable()
export class Approvals {
  constructor(
    @Inject(ApprovalRepository) private readonly approvals: ApprovalRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /**
   * Goes on where nobody needs to be asked or somebody has approved exactly this. Throws WaitForPeople where the answer
   * is missing, EndRun where it was no.
   */
  async require(scope: RunScope, subject: { title: string; summary: string }): Promise<void> {
    const { run, task, repository } = scope;
    const [base, head] = [run.baseCommit!, run.headCommit!];
    const { files } = await this.mirrors.diff(repository.id, base, head);
    const paths = files.flatMap(({ path, oldPath }) => (oldPath ? [path, oldPath] : [path]));
    const reasons = reasonsFor(repository, paths);
    if (reasons.length === 0) return;
    const approval = await this.approvals.insert({
      id: this.ids.next(),
      runId: run.id,
      taskId: task.id,
      repositoryId: repository.id,
      status: 'pending',
      reasons,
      title: subject.title,
      baseCommit: base,
      headCommit: head,
      subjectHash: hashOf([head, subject.title, subject.summary, task.title, task.description]),
      decidedById: null,
      decidedByName: null,
      note: null,
      createdAt: this.clock.now(),
      decidedAt: null,
    });
    const by = approval.decidedByName ?? 'somebody';
    const said = approval.note ? ` and said: ${approval.note}` : '';
    if (approval.status === 'pending') throw new WaitForPeople(`Waits for an approval. ${reasons.join(' ')}`);
    const verb = approval.status === 'approved' ? 'Approved' : 'Rejected';
    await scope.journal.note(`approval:${approval.id}`, 'note', `${verb} by ${by}`, approval.note);
    if (approval.status === 'rejected') throw new EndRun('rejected_change', `${by} rejected the change${said}.`);
  }
}

function reasonsFor({ approvalRule }: Repository, paths: string[]): string[] {
  if (approvalRule === 'never') return [];
  const risks = risksOf(paths);
  return approvalRule === 'always' && risks.length === 0 ? ['Every change of this repository is approved.'] : risks;
}

function hashOf(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
