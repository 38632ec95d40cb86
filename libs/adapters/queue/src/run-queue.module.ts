import { Global, Module, type DynamicModule } from '@nestjs/common';
import { RunQueue, type RunRateLimit } from '@teko/domain';
import { InProcessRunQueue } from './in-process-run-queue';

interface RunQueueOptions {
  redisUrl?: string;
  rate?: RunRateLimit | null;
}

/** The run queue: Bull's where a Redis is named, else this process's own. */
@Global()
@Module({})
export class RunQueueModule {
  static async forRoot(options: RunQueueOptions): Promise<DynamicModule> {
    return { module: RunQueueModule, exports: [RunQueue], ...(await partsOf(options)) };
  }
}

/** Bull is loaded only where it is used. */
async function partsOf({ redisUrl, rate = null }: RunQueueOptions) {
  if (!redisUrl) return { providers: [{ provide: RunQueue, useFactory: () => new InProcessRunQueue(rate) }] };
  const { bullParts } = await import('./bull-parts');
  return bullParts(redisUrl, rate);
}
