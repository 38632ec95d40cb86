import { Inject, Injectable } from '@nestjs/common';
import type { ExternalEvent, Repository } from '@teko/domain';
import { CheckRunIntake } from './check-run-intake.service';
import { ForgeImport } from './forge-import.service';
import { IssueIntake } from './issue-intake.service';
import { done, nothing, type Outcome } from './outcome';
import { PullRequestIntake } from './pull-request-intake.service';
import { ExternalCommentIntake } from './external-comment-intake.service';
import { RepositoryIntake } from './repository-intake.service';

/**
 * Takes in what happens on a forge, whether a webhook told it or it was found by asking. Everything may come late, twice
 * or in another order: what it leads to is the same.
 */
@Injectable()
export class ExternalEvents {
  constructor(
    @Inject(IssueIntake) private readonly issues: IssueIntake,
    @Inject(ExternalCommentIntake) private readonly externalComments: ExternalCommentIntake,
    @Inject(PullRequestIntake) private readonly pulls: PullRequestIntake,
    @Inject(CheckRunIntake) private readonly checks: CheckRunIntake,
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
        return this.pulls.handle(repository, externalEvent.pullRequest.number);
      case 'check_runs':
        return this.checks.handle(repository, externalEvent.headCommit);
      case 'push':
        return this.pushed(repository, externalEvent.branch);
      case 'repository':
        return this.imports.keepInStep(repository, externalEvent.isGone ? null : externalEvent.repository);
    }
  }

  /** A push to the default branch makes what analysis found old. */
  private async pushed(repository: Repository, branch: string): Promise<Outcome> {
    if (branch !== repository.defaultBranch) return nothing(`Branch ${branch} is not the default branch.`);
    await this.repositories.requestAnalysis(repository.id);
    return done('The repository is analysed again.');
  }
}
