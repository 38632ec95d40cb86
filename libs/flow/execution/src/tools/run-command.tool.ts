import type { ExceededLimit } from '@teko/domain';
import { z } from 'zod';
import { defineTool } from './tool';

const MAX_SECONDS = 600;

const LIMIT_MESSAGES: Record<ExceededLimit, string> = {
  memory: 'stopped: the memory limit was exceeded',
  processes: 'stopped: too many processes',
  disk: 'stopped: the disk limit was exceeded; delete files that are not needed',
  files: 'stopped: too many files were created; delete files that are not needed',
  output: 'stopped: too much output',
};

export const runCommand = defineTool({
  name: 'run_command',
  description:
    'Runs a shell command (bash) in the repository root, such as tests, linters or git log. There is no network.',
  input: z.object({
    command: z.string().min(1).max(20_000),
    timeoutSeconds: z.int().min(1).max(MAX_SECONDS).default(120),
  }),
  async run({ command, timeoutSeconds }, { session, signal }) {
    const result = await session.exec(['bash', '-c', command], { timeoutMs: timeoutSeconds * 1000, signal });
    const gap =
      result.omittedBytes > 0 ? `\n[... ${result.totalBytes} bytes in total, the middle is omitted ...]\n` : '';
    const end = result.timedOut
      ? `stopped after ${timeoutSeconds} s`
      : result.limit
        ? LIMIT_MESSAGES[result.limit]
        : `exit code ${result.code ?? result.signal}`;
    return {
      content: `${result.head}${gap}${result.tail}\n[${end}]`.trimStart(),
      data: { exitCode: result.code, timedOut: result.timedOut, limit: result.limit, durationMs: result.durationMs },
    };
  },
});
