import { z } from 'zod';
import { defineTool, refused } from './tool';

export const findText = defineTool({
  name: 'find_text',
  description: 'Searches the files as they are now for a POSIX extended regular expression; answers path:line:text.',
  input: z.object({
    pattern: z.string().min(1).max(500),
    path: z.string().optional().describe('Only below this folder or file'),
    ignoreCase: z.boolean().default(false),
  }),
  async run({ pattern, path, ignoreCase }, { session, signal }) {
    const flags = ignoreCase ? ['-i'] : [];
    const result = await session.exec(
      ['git', 'grep', '-nIE', '--untracked', ...flags, '-e', pattern, '--', path ?? '.'],
      { signal, outputBytes: 16 * 1024 },
    );
    if (result.code === 1) return { content: 'Nothing found.' };
    if (result.code !== 0) return refused(`The search failed: ${result.tail || result.head}`);
    const cut =
      result.totalBytes > 16 * 1024
        ? `\n[${result.totalBytes} bytes found; some are left out, search more narrowly]\n`
        : '';
    return { content: result.head + cut + result.tail };
  },
});
