import { z } from 'zod';
import { pathSchema, shownPath } from './paths';
import { defineTool, toolError } from './tool';

const MAX_OUTPUT_BYTES = 16 * 1024;
/** `git grep -z`: the name of the file, the number of the line and the line. */
const MATCH = /([^\0]+)\0(\d+)\0([^\n]*)\n/g;

export const findText = defineTool({
  name: 'find_text',
  description: 'Searches the current files with a POSIX extended regular expression. Returns path:line:text.',
  input: z.object({
    pattern: z.string().min(1).max(500),
    path: pathSchema().optional().describe('Search only below this folder or file'),
    ignoreCase: z.boolean().default(false),
  }),
  async run({ pattern, path, ignoreCase }, { session, signal }) {
    const flags = ['-znIE', '--untracked', '--no-color', '--no-column', '--full-name', ...(ignoreCase ? ['-i'] : [])];
    const result = await session.exec(['git', 'grep', ...flags, '-e', pattern, '--', ...pathspecs(path)], {
      signal,
      outputBytes: MAX_OUTPUT_BYTES,
    });
    if (result.code === 1) return { content: 'Nothing found.' };
    if (result.code !== 0) return toolError(`The search failed: ${result.tail || result.head}`);
    if (result.totalBytes <= MAX_OUTPUT_BYTES) return { content: matchLines(result.head + result.tail) };
    const tail = result.tail.slice(result.tail.indexOf('\n') + 1);
    const notice = `\n[${result.totalBytes} bytes found, some omitted. Narrow the search.]\n`;
    return { content: matchLines(result.head) + notice + matchLines(tail) };
  },
});

/** The path as it is, since names can contain characters of patterns, and as a pattern. */
function pathspecs(path: string | undefined): string[] {
  if (path === undefined || path === '.') return ['.'];
  return path.includes('*') ? [`:(literal)${path}`, `:(glob)${path}`] : [`:(literal)${path}`];
}

function matchLines(output: string): string {
  return [...output.matchAll(MATCH)]
    .map(([, path, line, text]) => `${shownPath(path!)}:${line}:${text!.replace(/\r$/, '')}`)
    .join('\n');
}
