import { Global, Module, type DynamicModule } from '@nestjs/common';
import { RunQueue, type RunRateLimit } from '@teko/domain';
import { InProcessRunQueue } from './in-process-run-queue';

interface RunQueueOptions {
  redisUrl?: string;
  rate?: RunRateLimit | null;
}

/** Provides the run queue: with Bull if there is a Redis URL, otherwise in-process. */
@Global()
@Module({})
export class RunQueueModule {
  static async forRoot(options: RunQueueOptions): Promise<DynamicModule> {
    return { module: RunQueueModule, exports: [RunQueue], ...(await providersFor(options)) };
  }
}

/** Loads Bull only if it is used. */
async function providersFor({ redisUrl, rate = null }: RunQueueOptions) {
  if (!redisUrl) return { providers: [{ provide: RunQueue, useFactory: () => new InProcessRunQueue(rate) }] };
  const { bullProviders } = await import('./bull-providers');
  return bullProviders(redisUrl, rate);
}
