import { Inject, Injectable } from '@nestjs/common';
import {
  ConflictError,
  DomainError,
  Forge,
  GitMirrors,
  RejectedChangeError,
  UnavailableError,
  type Repository,
  type ResumePoint,
  type Run,
  type Task,
} from '@teko/domain';
import { branchName } from './templates';

/** A commit to push to the task's branch. */
export interface Work {
  run: Run;
  task: Task;
  repository: Repository;
  headCommit: string;
  /** Earlier work that the commit is based on; its branch is updated instead of creating a new one. */
  continued: ResumePoint | null;
}

/** Pushes commits to Teko's branches on the forge. A branch is only ever moved forward. */
@Injectable()
export class Branches {
  constructor(
    @Inject(Forge) private readonly forge: Forge,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
  ) {}

  /**
   * Pushes the commit to the branch of the continued work, or to a new one, and returns its name. A commit that is already there is
   * not pushed again. Throws ConflictError if the branch has commits that the new one does not contain, RejectedChangeError if
   * the forge refuses the content.
   */
  async push(work: Work): Promise<string> {
    try {
      return (await this.pushToContinued(work)) ?? (await this.pushToNew(work));
    } catch (error) {
      if (error instanceof DomainError && error.code === 'forbidden') throw new RejectedChangeError(error.message);
      throw error;
    }
  }

  /** Returns null if there is no such branch. */
  private async pushToContinued({ repository, headCommit, continued }: Work): Promise<string | null> {
    if (!continued?.branch) return null;
    const current = await this.forge.branchCommit(repository, continued.branch);
    if (current === null) return null;
    if (current === headCommit || (await this.mirrors.isAncestor(repository.id, headCommit, current)))
      return continued.branch;
    if (!(await this.mirrors.isAncestor(repository.id, current, headCommit)))
      throw new ConflictError(`branch ${continued.branch} has commits that the result does not contain`);
    await this.forge.pushBranch(repository, continued.branch, headCommit, current);
    return continued.branch;
  }

  /** Creates the first branch whose name is free. A branch named `teko` on the forge blocks all names below `teko/`. */
  private async pushToNew({ run, task, repository, headCommit }: Work): Promise<string> {
    const name = branchName(task);
    const names = [name, `${name}-${run.number}`];
    const others = names.map((other) => other.replace('/', '-'));
    for (const branch of [...names, ...others])
      if ((await this.forge.branchCommit(repository, branch)) === headCommit) return branch;
    let last: unknown = null;
    for (const candidates of [names, others]) {
      for (const branch of candidates) {
        if ((await this.forge.branchCommit(repository, branch)) !== null) continue;
        try {
          await this.forge.pushBranch(repository, branch, headCommit, null);
          return branch;
        } catch (error) {
          if (!isNameBlocked(error)) throw error;
          last = error;
          // Another branch blocks the prefix if this one was not created meanwhile.
          if ((await this.forge.branchCommit(repository, branch)) === null) break;
        }
      }
    }
    throw new UnavailableError(
      'forge',
      `no branch can be created for task ${task.number}: ${last instanceof Error ? last.message : 'all names are taken'}`,
      'Rename or delete the branch `teko` and old branches of the task on the forge',
    );
  }
}

/** Whether the forge refused the name of the branch, and not its content. */
function isNameBlocked(error: unknown): boolean {
  if (error instanceof ConflictError) return true;
  return (
    error instanceof DomainError &&
    error.code === 'forbidden' &&
    /directory.file conflict|refname conflict|reference already exists|cannot lock ref|name conflict/i.test(
      error.message,
    )
  );
}
