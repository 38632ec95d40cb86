import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  ApprovalRepository,
  Clock,
  GitMirrors,
  Ids,
  sensitiveFiles,
  visiblePath,
  type Approval,
  type Repository,
  type Run,
  type SensitiveFile,
} from '@teko/domain';
import ignore from 'ignore';
import { changedFiles } from './changed-files';
import { RunAborted, RunSuspended } from './run-result';
import type { RunContext } from './run-context';
import { ResultPublisher } from './settings';
import type { Plan } from './tools';

const MAX_NAMED_FILES = 5;
const MAX_SHOWN_PATH_LENGTH = 200;

/** Why a change needs an approval, and the rules that say so. */
type Need = Pick<Approval, 'reasons' | 'rule' | 'approvers' | 'sensitiveFiles'>;

/** Requests approvals of plans and changes, as the rules of the repository demand. */
@Injectable()
export class Approvals {
  constructor(
    @Inject(ApprovalRepository) private readonly approvals: ApprovalRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(ResultPublisher) private readonly delivery: ResultPublisher,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /**
   * Returns if the change needs no approval or exactly this change is approved. Throws RunSuspended until it is decided,
   * RunAborted if it is rejected. A change whose approval was requested needs it whatever the rule has become since.
   */
  async require(context: RunContext, subject: { title: string; summary: string }): Promise<void> {
    const { run } = context;
    const head = run.headCommit!;
    const rejected = (await this.requestedFor(run)).find(
      ({ status, headCommit }) => status === 'rejected' && headCommit === head,
    );
    if (rejected) throw rejection(rejected);
    const need = await this.need(context);
    if (!need) return;
    const approval = await this.request(context, {
      ...need,
      kind: 'change',
      title: subject.title,
      headCommit: head,
      text: null,
      files: null,
      subject: [head, subject.title, subject.summary],
    });
    if (approval.status !== 'approved') throw rejection(approval);
  }

  /** Returns the decision on a plan. Throws RunSuspended until it is decided. */
  async requirePlan(context: RunContext, plan: Plan): Promise<{ approved: boolean; note: string | null }> {
    if (context.isReplay) return this.recordedPlan(context, plan);
    if (!needsPlan(context)) return { approved: true, note: null };
    const { status, note } = await this.request(context, {
      kind: 'plan',
      reasons: ['The plan must be approved before anything is changed.'],
      rule: context.repository.approvalRule,
      approvers: context.repository.approvers,
      sensitiveFiles: null,
      title: `Plan for task ${context.task.number}`,
      headCommit: context.run.baseCommit!,
      text: plan.text,
      files: plan.files,
      subject: [plan.text, ...plan.files],
    });
    return { approved: status === 'approved', note };
  }

  /** Returns the decision on the same plan in the original run. */
  private async recordedPlan(
    { lineage }: RunContext,
    { text }: Plan,
  ): Promise<{ approved: boolean; note: string | null }> {
    const all = lineage.originalRun ? await this.approvals.findByRun(lineage.originalRun.id) : [];
    const recorded = all.find((approval) => approval.kind === 'plan' && approval.text === text);
    return { approved: recorded?.status !== 'rejected', note: recorded?.note ?? null };
  }

  /** Returns false if a plan is required and not approved yet. */
  async canChangeFiles(context: RunContext): Promise<boolean> {
    return !needsPlan(context) || (await this.approvedPlan(context)) !== null;
  }

  /** Returns the repository with the rules that were in force when the run first requested an approval. */
  async withRulesOf(run: Run, repository: Repository): Promise<Repository> {
    const all = await this.approvals.findByRun(run.id);
    const first = all.at(-1);
    if (!first) return repository;
    return {
      ...repository,
      approvalRule: first.rule ?? repository.approvalRule,
      approvers: first.approvers ?? repository.approvers,
      planRule: all.some(({ kind }) => kind === 'plan') ? 'always' : 'never',
    };
  }

  /** Returns whether the current result of the run may leave Teko only with an approval. */
  async isNeeded(context: RunContext): Promise<boolean> {
    return (await this.need(context)) !== null;
  }

  /** Returns why the change needs an approval, or null. What was requested for the same commit stays as it was. */
  private async need({ repository, run, task }: RunContext): Promise<Need | null> {
    const requested = await this.requestedFor(run);
    const same = requested.find(({ headCommit }) => headCommit === run.headCommit);
    if (same) return same;
    const { approvalRule: rule, approvers, planRule, preapprovedPaths } = await this.withRulesOf(run, repository);
    const { files, paths } = await changedFiles(this.mirrors, repository.id, {
      base: run.baseCommit!,
      head: run.headCommit!,
    });
    const steering = new Set(run.gate?.runnerFiles ?? []);
    const marked = files.map((file) => ({ ...file, steersTests: steering.has(file.path) }));
    const sensitive = sensitiveFiles(marked, { rule, paths, isPreapproved: matcherOf(preapprovedPaths) });
    const planned = requiresPlan({ repository: { planRule }, task })
      ? filesOutsidePlans(
          await this.approvedPlans({ run, task }),
          files.map(({ path }) => path),
        )
      : [];
    const reasons = [...sensitiveReason(sensitive), ...planned];
    if (rule === 'always' && reasons.length === 0) reasons.push('Every change to this repository must be approved.');
    return reasons.length === 0 ? null : { reasons, rule, approvers, sensitiveFiles: sensitive };
  }

  /** Returns the approvals that the run requested for changes, newest first. */
  private async requestedFor({ id }: Run): Promise<Approval[]> {
    return (await this.approvals.findByRun(id)).filter(({ kind }) => kind === 'change');
  }

  private async approvedPlan(context: RunContext): Promise<Approval | null> {
    return (await this.approvedPlans(context))[0] ?? null;
  }

  /**
   * Returns the plans that are approved for the current text of the task: those of this run and, if it continues another
   * one without a new instruction, those of that run.
   */
  private async approvedPlans({ run: { id, origin }, task }: Pick<RunContext, 'run' | 'task'>): Promise<Approval[]> {
    const inheritsPlans = origin?.kind === 'continue' && origin.instruction === null;
    const runs = inheritsPlans ? [id, origin.runId] : [id];
    const all = (await Promise.all(runs.map((runId) => this.approvals.findByRun(runId)))).flat();
    const isCurrent = ({ text, files, subjectHash }: Approval) =>
      hashOf([text ?? '', ...(files ?? []), task.title, task.description]) === subjectHash;
    return all.filter((approval) => approval.kind === 'plan' && approval.status === 'approved' && isCurrent(approval));
  }

  /** Returns the decision, which is valid for exactly this subject and the current text of the task. */
  private async request(
    { run, task, repository, journal, fence }: RunContext,
    {
      subject,
      ...details
    }: Need & Pick<Approval, 'kind' | 'title' | 'headCommit' | 'text' | 'files'> & { subject: string[] },
  ): Promise<Approval> {
    const { reasons, rule, approvers, kind, title, text, files, headCommit } = details;
    const approval = await this.approvals.insert({
      ...{ id: this.ids.next(), kind, title, text, files, reasons, rule, approvers, headCommit },
      sensitiveFiles: details.sensitiveFiles,
      runId: run.id,
      taskId: task.id,
      repositoryId: repository.id,
      status: 'pending',
      baseCommit: run.baseCommit!,
      subjectHash: hashOf([...subject, task.title, task.description]),
      decidedById: null,
      decidedByName: null,
      note: null,
      createdAt: this.clock.now(),
      decidedAt: null,
    });
    if (approval.status === 'pending') {
      await this.delivery.requestApproval({ run, task, approval }, fence);
      throw new RunSuspended(`Waiting for approval. ${approval.reasons.join(' ')}`);
    }
    const verb = approval.status === 'approved' ? 'Approved' : 'Rejected';
    const by = approval.decidedByName ?? 'somebody';
    await journal.note(`approval:${approval.id}`, 'note', `${verb} by ${by}`, approval.note);
    return approval;
  }
}

/** Returns whether a plan has to be approved before the agent can change files. */
export function needsPlan({
  repository,
  task,
  isReplay,
}: Pick<RunContext, 'repository' | 'task' | 'isReplay'>): boolean {
  return requiresPlan({ repository, task }) && !isReplay;
}

function requiresPlan({
  repository,
  task,
}: {
  repository: Pick<Repository, 'planRule'>;
  task: RunContext['task'];
}): boolean {
  return repository.planRule === 'always' || task.planFirst;
}

function rejection({ decidedByName, note }: Approval): RunAborted {
  const text = note ? `: ${note}` : '';
  return new RunAborted('rejected_change', `${decidedByName ?? 'Somebody'} rejected the change${text}.`);
}

/** Returns whether a path is named by the patterns, which have the syntax of .gitignore. */
function matcherOf(patterns: string[] | null): (path: string) => boolean {
  const matcher = ignore({ ignorecase: false }).add(patterns ?? []);
  return (path) => ignore.isPathValid(path) && matcher.ignores(path);
}

function sensitiveReason(files: SensitiveFile[]): string[] {
  if (files.length === 0) return [];
  const noun = files.length === 1 ? 'a sensitive file' : `${files.length} sensitive files`;
  return [`It changes ${noun}: ${namesOf(files.map(({ path }) => path))}.`];
}

/** Returns a reason if the paths are not all covered by approved plans. */
function filesOutsidePlans(plans: Approval[], paths: string[]): string[] {
  if (plans.length === 0) return ['No plan was approved for this change.'];
  const plannedPaths = plans.flatMap(({ files }) => files ?? []).map((file) => file.replace(/^\.\/|\/+$/g, ''));
  const unplanned = paths.filter((path) => !plannedPaths.some((file) => path === file || path.startsWith(`${file}/`)));
  return unplanned.length === 0 ? [] : [`It changes files outside the approved plan: ${namesOf(unplanned)}.`];
}

function namesOf(paths: string[]): string {
  const names = paths.slice(0, MAX_NAMED_FILES).map((path) => visiblePath(path).slice(0, MAX_SHOWN_PATH_LENGTH));
  return paths.length > MAX_NAMED_FILES
    ? `${names.join(', ')} and ${paths.length - MAX_NAMED_FILES} more`
    : names.join(', ');
}

function hashOf(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
