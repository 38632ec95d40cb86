import { BullModule, getQueueToken } from '@nestjs/bull';
import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { AGENT_TYPES, type AgentType } from '@teko/contracts';
import { RunQueue, type RunRate } from '@teko/domain';
import type Bull from 'bull';
import { bullOptions, BullRunQueue, queueName } from './bull-run-queue';
import { InProcessRunQueue } from './in-process-run-queue';

type Queue = Bull.Queue<{ runId: string }>;

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
          useFactory: (...queues: Queue[]) => new BullRunQueue(byAgentType(queues)),
        }
      : { provide: RunQueue, useFactory: () => new InProcessRunQueue(rate) };
    return { module: RunQueueModule, imports, providers: [provider], exports: [RunQueue] };
  }
}

function byAgentType(queues: Queue[]): Record<AgentType, Queue> {
  return Object.fromEntries(AGENT_TYPES.map((agentType, i) => [agentType, queues[i]])) as Record<AgentType, Queue>;
}
