import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ApprovalRepository, ciRiskOf, Clock, GitMirrors, Ids, risksOf, type Approval } from '@teko/domain';
import { RunAborted, RunSuspended } from './run-result';
import type { RunContext } from './run-context';
import type { Plan } from './tools';

/** Asks people before an agent begins or a change leaves Teko, where the repository's rules say so. */
@Injectable()
export class Approvals {
  constructor(
    @Inject(ApprovalRepository) private readonly approvals: ApprovalRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /**
   * Goes on where nobody needs to be asked or somebody has approved exactly this. Throws RunSuspended where the answer
   * is missing, RunAborted where it was no.
   */
  async require(scope: RunContext, subject: { title: string; summary: string }): Promise<void> {
    const reasons = await this.reasons(scope);
    if (reasons.length === 0) return;
    const head = scope.run.headCommit!;
    const approval = await this.ask(scope, {
      kind: 'change',
      reasons,
      title: subject.title,
      headCommit: head,
      text: null,
      files: null,
      subject: [head, subject.title, subject.summary],
    });
    if (approval.status === 'approved') return;
    const said = approval.note ? ` and said: ${approval.note}` : '';
    throw new RunAborted('rejected_change', `${approval.decidedByName ?? 'Somebody'} rejected the change${said}.`);
  }

  /** What was said to a plan. Throws RunSuspended where that is missing. */
  async requirePlan(scope: RunContext, plan: Plan): Promise<{ approved: boolean; note: string | null }> {
    if (scope.isReplay) return this.recordedPlan(scope, plan);
    if (!needsPlan(scope)) return { approved: true, note: null };
    const { status, note } = await this.ask(scope, {
      kind: 'plan',
      reasons: ['The plan is approved before anything is changed.'],
      title: `Plan for task ${scope.task.number}`,
      headCommit: scope.run.baseCommit!,
      text: plan.text,
      files: plan.files,
      subject: [plan.text, ...plan.files],
    });
    return { approved: status === 'approved', note };
  }

  /** What was said to it when the run was first played. */
  private async recordedPlan(
    { lineage }: RunContext,
    { text }: Plan,
  ): Promise<{ approved: boolean; note: string | null }> {
    const all = lineage.played ? await this.approvals.findByRun(lineage.played.id) : [];
    const said = all.find((approval) => approval.kind === 'plan' && approval.text === text);
    return { approved: said?.status !== 'rejected', note: said?.note ?? null };
  }

  async mayChange(scope: RunContext): Promise<boolean> {
    return !needsPlan(scope) || (await this.approvedPlan(scope)) !== null;
  }

  /** Why somebody has to look at the change; nothing where it may just leave. */
  async reasons({ repository, run, task }: RunContext): Promise<string[]> {
    const { files } = await this.mirrors.diff(repository.id, run.baseCommit!, run.headCommit!);
    const paths = files.flatMap(({ path, oldPath }) => (oldPath ? [path, oldPath] : [path]));
    const planned = asksForPlan({ repository, task }) ? outside(await this.plansOf({ run, task }), paths) : [];
    // What CI runs has the forge's own secrets: no rule lets a change of it leave unseen.
    if (repository.approvalRule === 'never') return [...ciRiskOf(paths), ...planned];
    const reasons = [...risksOf(paths), ...planned];
    const always = repository.approvalRule === 'always' && reasons.length === 0;
    return always ? ['Every change of this repository is approved.'] : reasons;
  }

  private async approvedPlan(scope: RunContext): Promise<Approval | null> {
    return (await this.plansOf(scope))[0] ?? null;
  }

  /** Of this run, and of the one that it goes on from unless it is told more; for the task as it reads now. */
  private async plansOf({ run: { id, origin }, task }: Pick<RunContext, 'run' | 'task'>): Promise<Approval[]> {
    const goesOn = origin?.kind === 'continue' && origin.instruction === null;
    const runs = goesOn ? [id, origin.runId] : [id];
    const all = (await Promise.all(runs.map((runId) => this.approvals.findByRun(runId)))).flat();
    const holds = ({ text, files, subjectHash }: Approval) =>
      hashOf([text ?? '', ...(files ?? []), task.title, task.description]) === subjectHash;
    return all.filter((approval) => approval.kind === 'plan' && approval.status === 'approved' && holds(approval));
  }

  /** The answer, once there is one. It holds for exactly this and for the task as it reads now. */
  private async ask(
    { run, task, repository, journal }: RunContext,
    {
      subject,
      ...asked
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
      baseCommit: run.baseCommit!,
      subjectHash: hashOf([...subject, task.title, task.description]),
      decidedById: null,
      decidedByName: null,
      note: null,
      createdAt: this.clock.now(),
      decidedAt: null,
      ...asked,
    });
    if (approval.status === 'pending') throw new RunSuspended(`Waits for an approval. ${asked.reasons.join(' ')}`);
    const verb = approval.status === 'approved' ? 'Approved' : 'Rejected';
    const by = approval.decidedByName ?? 'somebody';
    await journal.note(`approval:${approval.id}`, 'note', `${verb} by ${by}`, approval.note);
    return approval;
  }
}

/** Whether a plan has to be approved before the agent changes anything. */
export function needsPlan({
  repository,
  task,
  isReplay,
}: Pick<RunContext, 'repository' | 'task' | 'isReplay'>): boolean {
  return asksForPlan({ repository, task }) && !isReplay;
}

function asksForPlan({ repository, task }: Pick<RunContext, 'repository' | 'task'>): boolean {
  return repository.planRule === 'always' || task.planFirst;
}

/** Files that no approved plan names. */
function outside(plans: Approval[], paths: string[]): string[] {
  if (plans.length === 0) return ['No plan was approved for it.'];
  const named = plans.flatMap(({ files }) => files ?? []).map((file) => file.replace(/^\.\/|\/+$/g, ''));
  const found = paths.filter((path) => !named.some((file) => path === file || path.startsWith(`${file}/`)));
  return found.length === 0 ? [] : [`It touches files outside the approved plan: ${found.join(', ')}.`];
}

function hashOf(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
