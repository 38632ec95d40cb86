import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { redactCredentials } from './redact';
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
/** Contexts of Nest that log routes and modules at every start. */
const FRAMEWORK = ['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication'];

/** Logger of a process. Redacts secrets, and logs framework start-up messages only at `debug` or below. */
export class TekoLogger extends ConsoleLogger {
  private readonly redactText: (text: string) => string;

  constructor(level: TekoSettings['LOG_LEVEL'], redact: (text: string) => string) {
    super({ logLevels: LEVELS.slice(0, SEVERITY[level]), colors: process.stdout.isTTY });
    this.redactText = (text) => redactCredentials(redact(text));
  }

  protected override printMessages(
    messages: unknown[],
    context = '',
    level: LogLevel = 'log',
    stream?: 'stdout' | 'stderr',
  ): void {
    if (level === 'log' && FRAMEWORK.includes(context) && !this.isLevelEnabled('debug')) return;
    super.printMessages(messages.map(withoutControls), context, level, stream);
  }

  protected override formatMessage(...parts: Parameters<ConsoleLogger['formatMessage']>): string {
    return this.redactText(super.formatMessage(...parts));
  }

  protected override printStackTrace(stack: string): void {
    super.printStackTrace(stack && this.redactText(stack));
  }
}

/** Removes what could change the terminal or hide a line. */
function withoutControls(message: unknown): unknown {
  return typeof message === 'string' ? message.replace(/(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, '') : message;
}
