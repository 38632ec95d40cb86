import { Inject, Injectable } from '@nestjs/common';
import type { ExternalEvent, Repository } from '@teko/domain';
import { CheckRunIntake } from './check-run-intake.service';
import { ForgeImport } from './forge-import.service';
import { IssueIntake } from './issue-intake.service';
import { handled, ignored, type Outcome } from './outcome';
import { PullRequestIntake } from './pull-request-intake.service';
import { ExternalCommentIntake } from './external-comment-intake.service';
import { RepositoryIntake } from './repository-intake.service';

/**
 * Dispatches events of a forge, from webhooks or from polling. Events may arrive late, twice or out of order; the result is
 * the same.
 */
@Injectable()
export class ExternalEvents {
  constructor(
    @Inject(IssueIntake) private readonly issues: IssueIntake,
    @Inject(ExternalCommentIntake) private readonly externalComments: ExternalCommentIntake,
    @Inject(PullRequestIntake) private readonly pullRequests: PullRequestIntake,
    @Inject(CheckRunIntake) private readonly checkRuns: CheckRunIntake,
    @Inject(ForgeImport) private readonly imports: ForgeImport,
    @Inject(RepositoryIntake) private readonly repositories: RepositoryIntake,
  ) {}

  async handle(repository: Repository, externalEvent: ExternalEvent): Promise<Outcome> {
    switch (externalEvent.type) {
      case 'issue':
        return this.issues.handle(repository, externalEvent);
      case 'comment':
        return this.externalComments.handle(repository, externalEvent);
      case 'pull_request':
        return this.pullRequests.handle(repository, externalEvent.pullRequest.number);
      case 'check_runs':
        return this.checkRuns.handle(repository, externalEvent.headCommit);
      case 'push':
        return this.onPush(repository, externalEvent.branch);
      case 'repository':
        return this.imports.syncMetadata(repository, externalEvent.isDeleted ? null : externalEvent.repository);
    }
  }

  /** Requests a new analysis after a push to the default branch. */
  private async onPush(repository: Repository, branch: string): Promise<Outcome> {
    if (branch !== repository.defaultBranch) return ignored(`Branch ${branch} is not the default branch.`);
    await this.repositories.requestAnalysis(repository.id);
    return handled('A new analysis of the repository was requested.');
  }
}
