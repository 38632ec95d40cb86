import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  answersTo,
  CommentRepository,
  isQuestionOf,
  questionKey,
  StepRepository,
  usesRecordedReplies,
  type Comment,
} from '@teko/domain';
import { Approvals } from './approvals';
import { RunAborted, RunSuspended } from './run-result';
import type { RunContext } from './run-context';
import { ResultPublisher } from './settings';
import type { HumanInput } from './tools';

const MAX_QUESTIONS = 5;
const MAX_COMMENTS = 200;

/** Passes questions of an agent to the requester, and its plans to approvers. */
@Injectable()
export class HumanInputService {
  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(StepRepository) private readonly steps: StepRepository,
    @Inject(ResultPublisher) private readonly delivery: ResultPublisher,
  ) {}

  forRun(context: RunContext): HumanInput {
    return {
      ask: (key, question) => this.ask(context, key, question),
      approvePlan: (plan) => this.approvals.requirePlan(context, plan),
      canChangeFiles: () => this.approvals.canChangeFiles(context),
    };
  }

  /** Posts the question on the task once. The comments that follow it are the answer. */
  private async ask(context: RunContext, key: string, question: string): Promise<string> {
    const { run, task } = context;
    const recorded = await this.recorded(context, key, question);
    if (recorded !== null) return recorded;
    const id = createHash('sha256').update(key).digest('hex').slice(0, 16);
    const isThis = ({ idempotencyKey }: Comment) => idempotencyKey === questionKey(run.id, id);
    const questions = (await this.comments.findLatest(task.id, MAX_COMMENTS)).filter((comment) =>
      isQuestionOf(run.id, comment),
    );
    if (!questions.some(isThis) && questions.length >= MAX_QUESTIONS)
      return 'You have reached the limit of questions. Decide yourself, and state your assumptions in the summary.';
    await this.delivery.ask({ run, task, question, id }, context.fence);
    const answers = answersTo(await this.comments.findLatest(task.id, MAX_COMMENTS), isThis) ?? [];
    if (answers.length === 0) throw new RunSuspended(question);
    return answers.map(({ author, body }) => `${author}: ${body}`).join('\n\n');
  }

  /** Returns the answer to the same question in the run that is replayed or forked, or null if it was not questions there. */
  private async recorded({ run: { origin }, isReplay }: RunContext, key: string, question: string) {
    const step = usesRecordedReplies(origin) ? await this.steps.findByKey(origin.runId, key) : null;
    if (step?.status === 'done' && step.input?.question === question) return step.output;
    if (isReplay) throw new RunAborted('diverged', 'The recorded run did not ask this question here.');
    return null;
  }
}
