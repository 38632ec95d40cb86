import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  Clock,
  CommentLinkRepository,
  CommentRepository,
  Forge,
  GitMirrors,
  Ids,
  inert,
  questionKey,
  UnavailableError,
  type Change,
  type CommentLink,
  type Finding,
  type FinishReport,
  type GateReport,
  type PullRequest,
  type ResumePoint,
  type Repository,
  type Run,
  type Task,
} from '@teko/domain';
import { Events, TaskComments, type CommentDraft } from '@teko/platform';
import { effectKey, Effects, type Fence } from './effects.service';
import { PullRequests, type PullRequestText } from './pull-requests.service';
import { Requester } from './requester.service';
import { branchName, deliveredComment, reportComment, unfinishedText } from './templates';

/** A commit that is to go on a branch. */
export interface Work {
  run: Run;
  task: Task;
  repository: Repository;
  headCommit: string;
  /** Work that it stands on: its branch is moved on. */
  continued: ResumePoint | null;
}

export interface ProvenResult extends Work {
  gate: GateReport;
  report: FinishReport;
  /** What the agent answers to threads of a review. */
  replies: { threadId: string; body: string }[];
}

/** Gives results back: branch, change request and comments, each an effect that happens once however often it is asked for. */
@Injectable()
export class FeedbackService {
  constructor(
    @Inject(Forge) private readonly forge: Forge,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(Effects) private readonly effects: Effects,
    @Inject(PullRequests) private readonly pulls: PullRequests,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
    @Inject(Requester) private readonly requester: Requester,
    @Inject(TaskComments) private readonly voice: TaskComments,
  ) {}

  /** Pushes the branch, opens the change and says so on the task. Throws `forbidden` where the requester may not any more. */
  async deliver(result: ProvenResult, fence: Fence): Promise<void> {
    const { run, task, repository, gate, report } = result;
    await this.requester.requirePermission(task, run, repository);
    const branch = await this.push(result, fence);
    const title = inert(report.title.trim() || task.title);
    const text = await this.pulls.textOf({ ...result, title });
    const pullRequest = await this.openPullRequest(result, { branch, text, isDraft: false }, fence);
    const change = await this.openChange(result, { branch, text, pullRequest, status: 'open' }, fence);
    await this.replyToThreads(result, change, fence);
    await this.comment(run, task, { body: deliveredComment({ run, change, gate }) }, fence);
  }

  /** Says what was asked about a change that nothing had to be changed for. */
  async answer(result: Omit<ProvenResult, 'gate'>, fence: Fence): Promise<void> {
    const change = await this.changes.findOpenByTask(result.task.id);
    if (change) await this.replyToThreads(result, change, fence);
    const place = change?.pullRequestNumber ? { number: change.pullRequestNumber, threadId: null } : undefined;
    await this.comment(result.run, result.task, { body: result.report.summary, place }, fence);
  }

  /** Puts unfinished work on the run's branch, and asks nobody to look yet. Throws `forbidden` where the requester may not any more. */
  async keep(work: Work, fence: Fence): Promise<string> {
    const { task, run, repository } = work;
    await this.requester.requirePermission(task, run, repository);
    const branch = await this.push(work, fence);
    const text = unfinishedText(task, run);
    const pullRequest = await this.openPullRequest(work, { branch, text, isDraft: true }, fence);
    if (pullRequest) await this.openChange(work, { branch, text, pullRequest, status: 'draft' }, fence);
    return branch;
  }

  /** Asks who wanted the work, on the task; a second time for the same `id` it does nothing. */
  async ask({ run, task, question, id }: { run: Run; task: Task; question: string; id: string }, fence: Fence) {
    const key = questionKey(run.id, id);
    await this.comment(run, task, { body: question, key }, fence, 'question');
  }

  /** Says on the task how a run ended that has no change to give. */
  async report({ run, task, findings }: { run: Run; task: Task; findings?: Finding[] }, fence: Fence): Promise<void> {
    await this.comment(run, task, { body: reportComment(run, findings) }, fence);
  }

  private async push(work: Work, fence: Fence): Promise<string> {
    const { run, repository, headCommit } = work;
    const { branch, expected } = await this.branchOf(work);
    await this.effects.once(run, fence, { kind: 'push', request: { branch, headCommit } }, async () => {
      await this.forge.pushBranch(repository, branch, headCommit, expected);
      return { branch, commit: await this.forge.branchCommit(repository, branch) };
    });
    return branch;
  }

  /** The task's branch; a second run of the task that found another result gets a name of its own. */
  private async branchOf({ run, task, repository, headCommit, continued }: Work) {
    if (continued?.branch) {
      const now = await this.forge.branchCommit(repository, continued.branch);
      if (now === continued.headCommit || now === headCommit) return { branch: continued.branch, expected: now };
    }
    const branch = branchName(task);
    const taken = await this.forge.branchCommit(repository, branch);
    return { branch: taken === null || taken === headCommit ? branch : `${branch}-${run.number}`, expected: null };
  }

  /** Null where the forge keeps no pull requests. */
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
        pullRequest: await this.pulls.open(repository, { ...text, branch, baseBranch, isDraft }),
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
    const facts = {
      ...{ title: text.title, body: text.body, headCommit, status },
      ...{ pullRequestNumber: pullRequest?.number ?? null, url: pullRequest?.url ?? null },
      filesChanged: files.length,
      additions: files.reduce((sum, file) => sum + file.additions, 0),
      deletions: files.reduce((sum, file) => sum + file.deletions, 0),
      updatedAt: this.clock.now(),
    };
    const { changeId } = await this.effects.once(run, fence, { kind: 'change', request: { branch } }, async () => {
      const standing = await this.changes.findOpenByTask(task.id);
      const change =
        standing?.branch === branch
          ? await this.changes.update(standing.id, { ...facts, runId: run.id })
          : await this.changes.insert({ ...this.newChange({ run, task, repository }, branch), ...facts });
      return { changeId: change.id, number: change.number };
    });
    const change = await this.changes.findById(changeId);
    if (!change) throw new UnavailableError('database', `the change of run ${run.number} cannot be found again`);
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

  /** One reply in each thread that the run worked in: the agent's, or where the work is. */
  private async replyToThreads(
    { run, task, headCommit, replies }: Omit<ProvenResult, 'gate'>,
    { pullRequestNumber }: Change,
    fence: Fence,
  ): Promise<void> {
    if (!pullRequestNumber) return;
    for (const threadId of await this.threadsOf(run, task)) {
      const said = replies.findLast((reply) => reply.threadId === threadId)?.body;
      const body = said ?? `Worked in with ${headCommit.slice(0, 12)}.`;
      const key = `run:${run.id}:reply:${threadId}`;
      await this.comment(run, task, { body, key, place: { number: pullRequestNumber, threadId } }, fence, 'reply');
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
    { key, ...saying }: Omit<CommentDraft, 'key' | 'runId'> & { key?: string },
    fence: Fence,
    kind: 'comment' | 'question' | 'reply' = 'comment',
  ): Promise<void> {
    const once = key ?? effectKey(run, kind);
    await this.effects.once(run, fence, { kind, request: { taskId: task.id }, key: once }, async () => {
      const body = inert(saying.body);
      const comment = await this.voice.post(task, { ...saying, body, key: once, runId: run.id });
      return { commentId: comment.id };
    });
  }
}

function isThread({ origin, threadId }: CommentLink): boolean {
  return origin === 'external' && threadId !== null;
}
