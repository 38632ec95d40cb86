import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { TekoSettings } from './teko-settings';

const LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
const SEVERITY: Record<TekoSettings['LOG_LEVEL'], number> = {
  silent: 0,
  fatal: 1,
  error: 2,
  warn: 3,
  info: 4,
  debug: 5,
  trace: 6,
};
/** Parts of Nest that tell at every start what the code already says. */
const FRAMEWORK = ['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication'];

/** The log of a process: no secret passes it, and the framework's own news only from `debug` on. */
export class TekoLogger extends ConsoleLogger {
  private readonly hide: (text: string) => string;

  constructor(level: TekoSettings['LOG_LEVEL'], hide: (text: string) => string) {
    super({ logLevels: LEVELS.slice(0, SEVERITY[level]), colors: process.stdout.isTTY });
    this.hide = hide;
  }

  protected override printMessages(
    messages: unknown[],
    context = '',
    level: LogLevel = 'log',
    stream?: 'stdout' | 'stderr',
  ): void {
    if (level === 'log' && FRAMEWORK.includes(context) && !this.isLevelEnabled('debug')) return;
    super.printMessages(messages, context, level, stream);
  }

  protected override formatMessage(...parts: Parameters<ConsoleLogger['formatMessage']>): string {
    return this.hide(super.formatMessage(...parts));
  }

  protected override printStackTrace(stack: string): void {
    super.printStackTrace(stack && this.hide(stack));
  }
}
