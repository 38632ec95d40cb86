import { BullModule, getQueueToken } from '@nestjs/bull';
import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { AGENT_TYPES, byAgentType } from '@teko/contracts';
import { RunQueue, type RunRate } from '@teko/domain';
import { bullOptions, BullRunQueue, queueName, type Queue } from './bull-run-queue';
import { InProcessRunQueue } from './in-process-run-queue';

/** The run queue: Bull's where a Redis is named, else this process's own. */
@Global()
@Module({})
export class RunQueueModule {
  static forRoot({ redisUrl, rate = null }: { redisUrl?: string; rate?: RunRate | null }): DynamicModule {
    const imports = redisUrl
      ? [
          BullModule.forRoot({ url: redisUrl, ...bullOptions({ rate }) }),
          BullModule.registerQueue(...AGENT_TYPES.map((agentType) => ({ name: queueName(agentType) }))),
        ]
      : [];
    const provider: Provider = redisUrl
      ? {
          provide: RunQueue,
          inject: AGENT_TYPES.map((agentType) => getQueueToken(queueName(agentType))),
          useFactory: (...queues: Queue[]) => new BullRunQueue(byAgentType((_, index) => queues[index]!)),
        }
      : { provide: RunQueue, useFactory: () => new InProcessRunQueue(rate) };
    return { module: RunQueueModule, imports, providers: [provider], exports: [RunQueue] };
  }
}
