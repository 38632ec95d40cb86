import { BullModule, getQueueToken } from '@nestjs/bull';
import type { ModuleMetadata } from '@nestjs/common';
import { AGENT_TYPES, byAgentType } from '@teko/contracts';
import { RunQueue, type RunRateLimit } from '@teko/domain';
import { bullOptions, BullRunQueue, queueName, type Queue } from './bull-run-queue';

/** Imports and providers of RunQueueModule with Bull. */
export function bullProviders(
  redisUrl: string,
  rate: RunRateLimit | null,
): Pick<ModuleMetadata, 'imports' | 'providers'> {
  return {
    imports: [
      BullModule.forRoot(bullOptions({ url: redisUrl, rate })),
      BullModule.registerQueue(...AGENT_TYPES.map((agentType) => ({ name: queueName(agentType) }))),
    ],
    providers: [
      {
        provide: RunQueue,
        inject: AGENT_TYPES.map((agentType) => getQueueToken(queueName(agentType))),
        useFactory: (...queues: Queue[]) =>
          new BullRunQueue(
            byAgentType((_, index) => queues[index]!),
            redisUrl,
          ),
      },
    ],
  };
}
