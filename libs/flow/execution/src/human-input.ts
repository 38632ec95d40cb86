import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  answersTo,
  CommentRepository,
  isQuestionOf,
  questionKey,
  StepRepository,
  usesRecord,
  type Comment,
} from '@teko/domain';
import { Approvals } from './approvals';
import { RunAborted, RunSuspended } from './run-result';
import type { RunContext } from './run-context';
import { Delivery } from './settings';
import type { HumanInput } from './tools';

const MAX_QUESTIONS = 5;
const MAX_COMMENTS = 200;

/** Lets an agent ask people: who wanted the work, and who approves plans. */
@Injectable()
export class HumanInputService {
  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(StepRepository) private readonly steps: StepRepository,
    @Inject(Delivery) private readonly delivery: Delivery,
  ) {}

  for(scope: RunContext): HumanInput {
    return {
      ask: (key, question) => this.ask(scope, key, question),
      approve: (plan) => this.approvals.requirePlan(scope, plan),
      mayChange: () => this.approvals.mayChange(scope),
    };
  }

  /** The question goes on the task once; what people say there after it is the answer. */
  private async ask(scope: RunContext, key: string, question: string): Promise<string> {
    const { run, task } = scope;
    const recorded = await this.recorded(scope, key, question);
    if (recorded !== null) return recorded;
    const id = createHash('sha256').update(key).digest('hex').slice(0, 16);
    const isThis = ({ idempotencyKey }: Comment) => idempotencyKey === questionKey(run.id, id);
    const asked = (await this.comments.findLatest(task.id, MAX_COMMENTS)).filter((said) => isQuestionOf(run.id, said));
    if (!asked.some(isThis) && asked.length >= MAX_QUESTIONS)
      return 'You have asked often enough. Decide yourself, and say in your summary what you assumed.';
    await this.delivery.ask({ run, task, question, id }, scope.fence);
    const answers = answersTo(await this.comments.findLatest(task.id, MAX_COMMENTS), isThis) ?? [];
    if (answers.length === 0) throw new RunSuspended(question);
    return answers.map(({ author, body }) => `${author}: ${body}`).join('\n\n');
  }

  /** What people said when the run that is played again or asked differently asked the same. */
  private async recorded({ run: { origin }, isReplay }: RunContext, key: string, question: string) {
    const step = usesRecord(origin) ? await this.steps.findByKey(origin.runId, key) : null;
    if (step?.status === 'done' && step.input?.question === question) return step.output;
    if (isReplay) throw new RunAborted('diverged', 'The recorded run asked people nothing like it here.');
    return null;
  }
}
