import { z } from 'zod';
import { defineTool } from './tool';

const MAX_SECONDS = 600;

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
      result.head.length + result.tail.length < result.totalBytes
        ? `\n[... ${result.totalBytes} bytes in total, the middle is omitted ...]\n`
        : '';
    const end = result.timedOut
      ? `stopped after ${timeoutSeconds} s`
      : result.truncatedByKill
        ? 'stopped: too much output'
        : `exit code ${result.code ?? result.signal}`;
    return {
      content: `${result.head}${gap}${result.tail}\n[${end}]`.trimStart(),
      data: { exitCode: result.code, timedOut: result.timedOut, durationMs: result.durationMs },
    };
  },
});
