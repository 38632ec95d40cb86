import { z } from 'zod';
import { defineTool, toolError } from './tool';

export const findText = defineTool({
  name: 'find_text',
  description: 'Searches the current files with a POSIX extended regular expression. Returns path:line:text.',
  input: z.object({
    pattern: z.string().min(1).max(500),
    path: z.string().optional().describe('Search only below this folder or file'),
    ignoreCase: z.boolean().default(false),
  }),
  async run({ pattern, path, ignoreCase }, { session, signal }) {
    const flags = ignoreCase ? ['-i'] : [];
    const result = await session.exec(
      ['git', 'grep', '-nIE', '--untracked', ...flags, '-e', pattern, '--', path ?? '.'],
      { signal, outputBytes: 16 * 1024 },
    );
    if (result.code === 1) return { content: 'Nothing found.' };
    if (result.code !== 0) return toolError(`The search failed: ${result.tail || result.head}`);
    const notice =
      result.totalBytes > 16 * 1024 ? `\n[${result.totalBytes} bytes found, some omitted. Narrow the search.]\n` : '';
    return { content: result.head + notice + result.tail };
  },
});
