import { Inject, Injectable } from '@nestjs/common';
import type { Happening, Repository } from '@teko/domain';
import { CheckIntake } from './check-intake.service';
import { ForgeImport } from './forge-import.service';
import { IssueIntake } from './issue-intake.service';
import { done, nothing, type Outcome } from './outcome';
import { PullIntake } from './pull-intake.service';
import { RemarkIntake } from './remark-intake.service';
import { RepositoryIntake } from './repository-intake.service';

/**
 * Takes in what happens on a forge, whether a webhook told it or it was found by asking. Everything may come late, twice
 * or in another order: what it leads to is the same.
 */
@Injectable()
export class Happenings {
  constructor(
    @Inject(IssueIntake) private readonly issues: IssueIntake,
    @Inject(RemarkIntake) private readonly remarks: RemarkIntake,
    @Inject(PullIntake) private readonly pulls: PullIntake,
    @Inject(CheckIntake) private readonly checks: CheckIntake,
    @Inject(ForgeImport) private readonly imports: ForgeImport,
    @Inject(RepositoryIntake) private readonly repositories: RepositoryIntake,
  ) {}

  async handle(repository: Repository, happening: Happening): Promise<Outcome> {
    switch (happening.type) {
      case 'issue':
        return this.issues.handle(repository, happening);
      case 'remark':
        return this.remarks.handle(repository, happening);
      case 'pull':
        return this.pulls.handle(repository, happening.pull.number);
      case 'checks':
        return this.checks.handle(repository, happening.headCommit);
      case 'push':
        return this.pushed(repository, happening.branch);
      case 'repository':
        return this.imports.keepInStep(repository, happening.isGone ? null : happening.repository);
    }
  }

  /** A push to the default branch makes what analysis found old. */
  private async pushed(repository: Repository, branch: string): Promise<Outcome> {
    if (branch !== repository.defaultBranch) return nothing(`Branch ${branch} is not the default branch.`);
    await this.repositories.requestAnalysis(repository.id);
    return done('The repository is analysed again.');
  }
}
