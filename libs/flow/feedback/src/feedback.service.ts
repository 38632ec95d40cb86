import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  Clock,
  CommentLinkRepository,
  CommentRepository,
  GitMirrors,
  Ids,
  neutralize,
  plainLine,
  questionKey,
  UnavailableError,
  type Approval,
  type Change,
  type CommentLink,
  type Finding,
  type FinishReport,
  type GateReport,
  type LeftOutFile,
  type PullRequest,
  type Run,
  type Task,
} from '@teko/domain';
import { Events, TaskComments, type CommentDraft } from '@teko/platform';
import { approvalComment } from './approval-comment';
import { Branches, type Work } from './branches.service';
import { effectKey, Effects, type Fence } from './effects.service';
import { PullRequests, type PullRequestText } from './pull-requests.service';
import { Requester } from './requester.service';
import { deliveredComment, reportComment, unfinishedText } from './templates';

export interface ProvenResult extends Work {
  gate: GateReport;
  report: FinishReport;
  /** New files in the workspace that are not part of the commit. */
  leftOut: LeftOutFile[];
  /** The agent's replies to review threads. */
  replies: { threadId: string; body: string }[];
}

/** Delivers results: branch, pull request and comments. Each is an effect that is applied exactly once. */
@Injectable()
export class FeedbackService {
  constructor(
    @Inject(Branches) private readonly branches: Branches,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(Effects) private readonly effects: Effects,
    @Inject(PullRequests) private readonly pullRequests: PullRequests,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
    @Inject(Requester) private readonly requester: Requester,
    @Inject(TaskComments) private readonly taskComments: TaskComments,
  ) {}

  /**
   * Pushes the branch, opens the pull request and comments on the task. Throws `forbidden` if the requester has lost permission,
   * ConflictError if the branch has new commits, and RejectedChangeError if the forge refuses the content.
   */
  async deliver(result: ProvenResult, fence: Fence): Promise<void> {
    const { run, task, repository, report } = result;
    await this.requester.requirePermission(task, run, repository);
    const branch = await this.push(result, fence);
    const title = plainLine(report.title) || plainLine(task.title);
    const text = await this.pullRequests.composeText({ ...result, title });
    const pullRequest = await this.openPullRequest(result, { branch, text, isDraft: false }, fence);
    const change = await this.openChange(result, { branch, text, pullRequest, status: 'open' }, fence);
    await this.replyToThreads(result, change, fence);
    await this.comment(run, task, { body: deliveredComment({ ...result, change }) }, fence);
  }

  /** Posts the answer of a run that changed no code. */
  async answer(result: Omit<ProvenResult, 'gate' | 'leftOut'>, fence: Fence): Promise<void> {
    const change = await this.changes.findOpenByTask(result.task.id);
    if (change) await this.replyToThreads(result, change, fence);
    const target = change?.pullRequestNumber ? { number: change.pullRequestNumber, threadId: null } : undefined;
    await this.comment(result.run, result.task, { body: neutralize(result.report.summary), target }, fence);
  }

  /** Pushes unfinished work and, if `opensDraft`, opens a draft without requesting a review. Returns the branch. Throws `forbidden` if the requester has lost permission. */
  async saveUnfinished(work: Work & { opensDraft: boolean }, fence: Fence): Promise<string> {
    const { task, run, repository } = work;
    await this.requester.requirePermission(task, run, repository);
    const branch = await this.push(work, fence);
    if (!work.opensDraft) return branch;
    const text = unfinishedText(task, run);
    const pullRequest = await this.openPullRequest(work, { branch, text, isDraft: true }, fence);
    if (pullRequest) await this.openChange(work, { branch, text, pullRequest, status: 'draft' }, fence);
    return branch;
  }

  /** Posts a question to the requester on the task, once per `id`. */
  async ask({ run, task, question, id }: { run: Run; task: Task; question: string; id: string }, fence: Fence) {
    const key = questionKey(run.id, id);
    await this.comment(run, task, { body: neutralize(question), key }, fence, 'question');
  }

  /** Asks on the task for an approval, once. */
  async requestApproval(request: { run: Run; task: Task; approval: Approval }, fence: Fence): Promise<void> {
    const { run, task, approval } = request;
    const body = approvalComment({ ...request, runUrl: this.pullRequests.runUrl(run) });
    await this.comment(run, task, { body, key: `approval:${approval.id}` }, fence);
  }

  /** Comments on the task how a run without a change ended. */
  async report({ run, task, findings }: { run: Run; task: Task; findings?: Finding[] }, fence: Fence): Promise<void> {
    await this.comment(run, task, { body: reportComment(run, findings) }, fence);
  }

  /** Pushes the commit once and returns its branch. */
  private async push(work: Work, fence: Fence): Promise<string> {
    const { run, headCommit } = work;
    const { branch } = await this.effects.once(run, fence, { kind: 'push', request: { headCommit } }, async () => ({
      branch: await this.branches.push(work),
      commit: headCommit,
    }));
    return branch;
  }

  /** Returns null for a local repository, which has no pull requests. */
  private async openPullRequest(
    { run, repository }: Work,
    { branch, text, isDraft }: { branch: string; text: PullRequestText; isDraft: boolean },
    fence: Fence,
  ): Promise<PullRequest | null> {
    if (repository.forge === 'local') return null;
    const baseBranch = run.baseBranch ?? repository.defaultBranch ?? '';
    const { pullRequest } = await this.effects.once(
      run,
      fence,
      { kind: 'pull_request', request: { branch } },
      async () => ({
        pullRequest: await this.pullRequests.open(repository, { ...text, branch, baseBranch, isDraft }),
      }),
    );
    return pullRequest;
  }

  private async openChange(
    { run, task, repository, headCommit }: Work,
    {
      branch,
      text,
      pullRequest,
      status,
    }: { branch: string; text: PullRequestText; pullRequest: PullRequest | null; status: 'open' | 'draft' },
    fence: Fence,
  ): Promise<Change> {
    const { files } = await this.mirrors.diff(repository.id, run.baseCommit ?? '', headCommit);
    const fields = {
      ...{ title: text.title, body: text.body, headCommit, status },
      ...{ pullRequestNumber: pullRequest?.number ?? null, url: pullRequest?.url ?? null },
      filesChanged: files.length,
      additions: files.reduce((sum, file) => sum + file.additions, 0),
      deletions: files.reduce((sum, file) => sum + file.deletions, 0),
      updatedAt: this.clock.now(),
    };
    const { changeId } = await this.effects.once(run, fence, { kind: 'change', request: { branch } }, async () => {
      const openChange = await this.changes.findOpenByTask(task.id);
      const change =
        openChange?.branch === branch
          ? await this.changes.update(openChange.id, { ...fields, runId: run.id })
          : await this.changes.insert({ ...this.newChange({ run, task, repository }, branch), ...fields });
      return { changeId: change.id, number: change.number };
    });
    const change = await this.changes.findById(changeId);
    if (!change) throw new UnavailableError('database', `the change of run ${run.number} was not found`);
    const { id: subjectId, repositoryId, taskId } = change;
    await this.events.record({ type: 'change', subjectId, repositoryId, taskId, runId: run.id });
    return change;
  }

  private newChange({ run, task, repository }: Pick<Work, 'run' | 'task' | 'repository'>, branch: string) {
    return {
      id: this.ids.next(),
      repositoryId: repository.id,
      taskId: task.id,
      runId: run.id,
      branch,
      baseBranch: run.baseBranch ?? repository.defaultBranch ?? '',
      baseCommit: run.baseCommit ?? '',
      demo: run.demo,
      createdAt: this.clock.now(),
    };
  }

  /** Posts one reply in each review thread that the run addressed: the agent's reply, or else the commit. */
  private async replyToThreads(
    { run, task, headCommit, replies }: Omit<ProvenResult, 'gate' | 'leftOut'>,
    { pullRequestNumber }: Change,
    fence: Fence,
  ): Promise<void> {
    if (!pullRequestNumber) return;
    for (const threadId of await this.threadsOf(run, task)) {
      const reply = replies.findLast(({ threadId: id }) => id === threadId)?.body;
      const body = reply ? neutralize(reply) : `Addressed in ${headCommit.slice(0, 12)}.`;
      const key = `run:${run.id}:reply:${threadId}`;
      await this.comment(run, task, { body, key, target: { number: pullRequestNumber, threadId } }, fence, 'reply');
    }
  }

  private async threadsOf({ id }: Run, task: Task): Promise<string[]> {
    const threads: string[] = [];
    for (const { threadId, commentId } of (await this.links.findByTask(task.id)).filter(isThread)) {
      const comment = await this.comments.findById(commentId);
      if (comment?.runId === id && threadId) threads.push(threadId);
    }
    return [...new Set(threads)];
  }

  private async comment(
    run: Run,
    task: Task,
    { key, ...draft }: Omit<CommentDraft, 'key' | 'runId'> & { key?: string },
    fence: Fence,
    kind: 'comment' | 'question' | 'reply' = 'comment',
  ): Promise<void> {
    const effectiveKey = key ?? effectKey(run, kind);
    await this.effects.once(run, fence, { kind, request: { taskId: task.id }, key: effectiveKey }, async () => {
      const comment = await this.taskComments.post(task, { ...draft, key: effectiveKey, runId: run.id });
      return { commentId: comment.id };
    });
  }
}

function isThread({ origin, threadId }: CommentLink): boolean {
  return origin === 'external' && threadId !== null;
}
