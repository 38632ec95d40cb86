import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ApprovalRepository, ciRiskOf, Clock, GitMirrors, Ids, risksOf, type Approval } from '@teko/domain';
import { RunAborted, RunSuspended } from './run-result';
import type { RunContext } from './run-context';
import type { Plan } from './tools';

/** Requests approvals of plans and changes, as the rules of the repository demand. */
@Injectable()
export class Approvals {
  constructor(
    @Inject(ApprovalRepository) private readonly approvals: ApprovalRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /**
   * Returns if the change needs no approval or exactly this change is approved. Throws RunSuspended until it is decided,
   * RunAborted if it is rejected.
   */
  async require(context: RunContext, subject: { title: string; summary: string }): Promise<void> {
    const reasons = await this.reasons(context);
    if (reasons.length === 0) return;
    const head = context.run.headCommit!;
    const approval = await this.request(context, {
      kind: 'change',
      reasons,
      title: subject.title,
      headCommit: head,
      text: null,
      files: null,
      subject: [head, subject.title, subject.summary],
    });
    if (approval.status === 'approved') return;
    const note = approval.note ? `: ${approval.note}` : '';
    throw new RunAborted('rejected_change', `${approval.decidedByName ?? 'Somebody'} rejected the change${note}.`);
  }

  /** Returns the decision on a plan. Throws RunSuspended until it is decided. */
  async requirePlan(context: RunContext, plan: Plan): Promise<{ approved: boolean; note: string | null }> {
    if (context.isReplay) return this.recordedPlan(context, plan);
    if (!needsPlan(context)) return { approved: true, note: null };
    const { status, note } = await this.request(context, {
      kind: 'plan',
      reasons: ['The plan must be approved before anything is changed.'],
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

  /** Returns why the change needs an approval; empty if it needs none. */
  async reasons({ repository, run, task }: RunContext): Promise<string[]> {
    const { files } = await this.mirrors.diff(repository.id, run.baseCommit!, run.headCommit!);
    const paths = files.flatMap(({ path, oldPath }) => (oldPath ? [path, oldPath] : [path]));
    const planned = requiresPlan({ repository, task })
      ? filesOutsidePlans(await this.approvedPlans({ run, task }), paths)
      : [];
    // CI has access to secrets of the forge, so changes to it always need an approval.
    if (repository.approvalRule === 'never') return [...ciRiskOf(paths), ...planned];
    const reasons = [...risksOf(paths), ...planned];
    const always = repository.approvalRule === 'always' && reasons.length === 0;
    return always ? ['Every change to this repository must be approved.'] : reasons;
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
    { run, task, repository, journal }: RunContext,
    {
      subject,
      ...details
    }: Pick<Approval, 'kind' | 'reasons' | 'title' | 'headCommit' | 'text' | 'files'> & {
      subject: string[];
    },
  ): Promise<Approval> {
    const approval = await this.approvals.insert({
      id: this.ids.next(),
      runId: run.id,
      taskId: task.id,
      repositoryId: repository.id,
      status: 'pending',
      rule: repository.approvalRule,
      sensitiveFiles: null,
      baseCommit: run.baseCommit!,
      subjectHash: hashOf([...subject, task.title, task.description]),
      decidedById: null,
      decidedByName: null,
      note: null,
      createdAt: this.clock.now(),
      decidedAt: null,
      ...details,
    });
    if (approval.status === 'pending') throw new RunSuspended(`Waiting for approval. ${details.reasons.join(' ')}`);
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

function requiresPlan({ repository, task }: Pick<RunContext, 'repository' | 'task'>): boolean {
  return repository.planRule === 'always' || task.planFirst;
}

/** Returns a reason if the paths are not all covered by approved plans. */
function filesOutsidePlans(plans: Approval[], paths: string[]): string[] {
  if (plans.length === 0) return ['No plan was approved for this change.'];
  const plannedPaths = plans.flatMap(({ files }) => files ?? []).map((file) => file.replace(/^\.\/|\/+$/g, ''));
  const unplanned = paths.filter((path) => !plannedPaths.some((file) => path === file || path.startsWith(`${file}/`)));
  return unplanned.length === 0 ? [] : [`It changes files outside the approved plan: ${unplanned.join(', ')}.`];
}

function hashOf(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
