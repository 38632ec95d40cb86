import { posix } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  Forge,
  GitMirrors,
  StepRepository,
  type LeftOutFile,
  type NewFile,
  type ResumePoint,
  type SandboxSession,
} from '@teko/domain';
import type { RunContext } from '../run-context';
import { listedPath } from '../tools/paths';

const EDIT_TOOLS = ['write_file', 'edit_file'];
const MAX_REQUESTED = 2_000;

/** The one commit that a run delivers. */
export interface ResultCommit {
  /** Null if nothing was changed. */
  headCommit: string | null;
  /** New files that are not part of the commit. */
  leftOut: LeftOutFile[];
  /** Earlier work, to whose branch the commit is pushed. Without a branch, the commit gets a new one. */
  continued: ResumePoint | null;
}

/**
 * Makes Teko's commit of the files in the workspace. Its parent is the base of the run; for work that continues on a branch it is
 * the head of that branch, so that everybody's commits there stay. What the agent did with git does not matter.
 */
@Injectable()
export class ResultCommits {
  constructor(
    @Inject(Forge) private readonly forge: Forge,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(StepRepository) private readonly steps: StepRepository,
  ) {}

  /**
   * Imports the files and commits them. Throws InvalidError if they must not be delivered; with `dropsRejected`, only the rejected
   * ones are left out. With `usesNewBranch`, new commits on the branch of the continued work do not matter.
   */
  async create(
    context: RunContext,
    session: SandboxSession,
    options: { message: string; newFiles: NewFile[]; dropsRejected?: boolean; usesNewBranch?: boolean },
  ): Promise<ResultCommit> {
    const { run, workspaces, lineage } = context;
    const { continued, isFollowUp } = lineage;
    const { commit, leftOut } = await workspaces.importFiles(session, startOf(context), {
      edited: await this.editedPaths(run.id, session.cwd),
      named: options.newFiles.flatMap((file) => withPath(file, session.cwd)),
      dropsRejected: options.dropsRejected ?? false,
    });
    const tree = await this.treeOf(context, commit ?? startOf(context));
    // A follow-up can restore the base.
    const isUnchanged = isFollowUp ? commit === null : tree === (await this.treeOf(context, run.baseCommit!));
    if (isUnchanged) return { headCommit: null, leftOut, continued };
    return { ...(await this.place(context, tree, options)), leftOut };
  }

  /** Commits the tree where it belongs, and applies it to new commits on the branch of the continued work. */
  private async place(
    context: RunContext,
    tree: string,
    { message, usesNewBranch = false }: { message: string; usesNewBranch?: boolean },
  ): Promise<Pick<ResultCommit, 'headCommit' | 'continued'>> {
    const { run, repository, isReplay, lineage } = context;
    const { continued } = lineage;
    const start = startOf(context);
    const commitOn = (parent: string, ofTree: string) => this.commit(context, { parent, tree: ofTree, message });
    // A commit that was never published stays so: its content may need an approval that it did not get.
    if (!continued?.branch) return { headCommit: await commitOn(run.baseCommit!, tree), continued };
    const own = tree === (await this.treeOf(context, start)) ? start : await commitOn(start, tree);
    if (isReplay) return { headCommit: own, continued };
    const onNewBranch = { headCommit: own, continued: { ...continued, branch: null } };
    const current = await this.forge.branchCommit(repository, continued.branch);
    if (usesNewBranch || current === null) return onNewBranch;
    if (current === start || current === own) return { headCommit: own, continued };
    const { id } = repository;
    const isFetched = await this.mirrors.isAncestor(id, current, current);
    if (!isFetched) await this.mirrors.sync(repository);
    // Pushed before this worker took over, with newer commits on top.
    if (await this.mirrors.isAncestor(id, own, current)) return { headCommit: own, continued };
    const merged = await this.mirrors.mergeTrees(id, { base: start, ours: current, theirs: own });
    if (merged === null) {
      await context.journal.note(
        `conflict:${current}`,
        'note',
        `Branch ${continued.branch} has conflicting commits`,
        `Its head is ${current}. The result goes to a new branch, and those commits stay as they are.`,
        'failed',
      );
      return onNewBranch;
    }
    const isContained = merged === (await this.treeOf(context, current));
    return { headCommit: isContained ? current : await commitOn(current, merged), continued };
  }

  /** The same tree, parent and message make the same commit, also after a crash. */
  private async commit(
    { run }: RunContext,
    { parent, tree, message }: { parent: string; tree: string; message: string },
  ): Promise<string> {
    const { date: parentDate } = await this.mirrors.commitInfo(run.repositoryId, parent);
    const started = run.startedAt ?? run.createdAt;
    const date = parentDate > started ? parentDate : started;
    return this.mirrors.createCommit(run.repositoryId, { runId: run.id, tree, parent, message, date });
  }

  private async treeOf({ run }: RunContext, commit: string): Promise<string> {
    return (await this.mirrors.commitInfo(run.repositoryId, commit)).tree;
  }

  /** Returns the files that edit tools wrote in this run, the newest last. */
  private async editedPaths(runId: string, cwd: string): Promise<string[]> {
    const steps = (await this.steps.findByRun(runId)).filter(
      ({ kind, status, title }) => kind === 'tool' && status === 'done' && EDIT_TOOLS.includes(title),
    );
    const paths = steps.flatMap(({ input }) =>
      typeof input?.path === 'string' ? relativePath(listedPath(input.path), cwd) : [],
    );
    return [...new Set(paths)].slice(-MAX_REQUESTED);
  }
}

/** Returns the commit that the workspace of the run is checked out at. */
export function startOf({ run, lineage }: Pick<RunContext, 'run' | 'lineage'>): string {
  return lineage.continued?.headCommit ?? run.baseCommit!;
}

function withPath(file: NewFile, cwd: string): NewFile[] {
  return relativePath(file.path, cwd).map((path) => ({ ...file, path }));
}

/** Returns the path relative to the workspace; nothing for the workspace itself and for paths outside of it. */
function relativePath(path: string, cwd: string): string[] {
  const inside = path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
  const normal = posix.normalize(inside).replace(/\/+$/, '');
  return /^(|\.|\.\.|\.\.\/.*|\/.*)$/s.test(normal) || normal.includes('\0') ? [] : [normal];
}
