import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CommentRepository, StepRepository, type Comment } from '@teko/domain';
import { Approvals } from './approvals';
import { EndRun, WaitForPeople } from './ending';
import type { RunScope } from './run-scope';
import { Delivery } from './settings';
import type { People } from './tools';

const MOST_QUESTIONS = 5;

/** Lets an agent ask people: who wanted the work, and who approves plans. */
@Injectable()
export class Questions {
  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(StepRepository) private readonly steps: StepRepository,
    @Inject(Delivery) private readonly delivery: Delivery,
  ) {}

  for(scope: RunScope): People {
    return {
      ask: (key, question) => this.ask(scope, key, question),
      approve: (plan) => this.approvals.requirePlan(scope, plan),
      mayChange: () => this.approvals.mayChange(scope),
    };
  }

  /** The question goes on the task once; what people say there after it is the answer. */
  private async ask(scope: RunScope, key: string, question: string): Promise<string> {
    const { run, task } = scope;
    const recorded = await this.recorded(scope, key);
    if (recorded !== null) return recorded;
    const id = createHash('sha256').update(key).digest('hex').slice(0, 16);
    const mine = ({ idempotencyKey }: Comment) => idempotencyKey === `run:${run.id}:question:${id}`;
    const asked = (await this.said(task.id)).filter(({ idempotencyKey }) =>
      idempotencyKey?.startsWith(`run:${run.id}:question:`),
    );
    if (!asked.some(mine) && asked.length >= MOST_QUESTIONS)
      return 'You have asked often enough. Decide yourself, and say in your summary what you assumed.';
    await this.delivery.ask({ run, task, question, id }, scope.fence);
    const all = await this.said(task.id);
    const place = all.findIndex(mine);
    const answers = place < 0 ? [] : all.slice(place + 1).filter(({ authorKind }) => authorKind === 'user');
    if (answers.length === 0) throw new WaitForPeople(question);
    return answers.map(({ author, body }) => `${author}: ${body}`).join('\n\n');
  }

  /** What people said when the run that is played again or asked differently asked the same. */
  private async recorded({ run: { origin }, isReplay }: RunScope, key: string): Promise<string | null> {
    const step = origin && origin.kind !== 'continue' ? await this.steps.findByKey(origin.runId, key) : null;
    if (step?.status === 'done' && step.output) return step.output;
    if (isReplay) throw new EndRun('diverged', 'The recorded run asked people nothing here.');
    return null;
  }

  /** The newest comments, the oldest of them first. */
  private async said(taskId: string): Promise<Comment[]> {
    const query = { page: 1, perPage: 200, sort: 'createdAt', order: 'DESC' } as const;
    return (await this.comments.list({ ...query, filters: { taskId: [taskId] } })).data.reverse();
  }
}
