import { z } from 'zod';
import { pathSchema, shownPath } from './paths';
import { defineTool, toolError } from './tool';

const MAX_OUTPUT_BYTES = 16 * 1024;
/** `git grep -z`: the name of the file, the number of the line and the line. */
const MATCH = /([^\0]+)\0(\d+)\0([^\n]*)\n/g;
/** Comes after the matches, and before the message of git about the search. */
const END_OF_MATCHES = '\0\0';
/** Prints the last message of git after the matches: git can print a long warning for each of many folders. */
const SCRIPT = `
{ message=$(git grep "$@" 2>&1 >&3 3>&- | cut -b 1-300 | tail -n 1; exit "\${PIPESTATUS[0]}"); code=$?; } 3>&1
printf '\\0\\0%s' "$message"
exit "$code"
`;

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
    const argv = ['bash', '-c', SCRIPT, 'bash', ...flags, '-e', pattern, '--', ...pathspecs(path)];
    const result = await session.exec(argv, { signal, outputBytes: MAX_OUTPUT_BYTES });
    const { code, head, tail, totalBytes } = result;
    const isWhole = totalBytes <= MAX_OUTPUT_BYTES;
    const [matches, message] = splitAtEnd(isWhole ? head + tail : tail);
    if (code !== 0 && code !== 1) return toolError(`The search failed: ${message || matches}`);
    const warning = message && `\n[Not everything could be searched: ${message}]`;
    if (code === 1) return { content: `Nothing found.${warning}` };
    if (isWhole) return { content: matchLines(matches) + warning };
    const notice = `\n[${totalBytes} bytes found, some omitted. Narrow the search.]\n`;
    return { content: matchLines(head) + notice + matchLines(matches.slice(matches.indexOf('\n') + 1)) + warning };
  },
});

/** Returns the matches, and the message of git after them. */
function splitAtEnd(output: string): [string, string] {
  const end = output.lastIndexOf(END_OF_MATCHES);
  return end < 0 ? [output, ''] : [output.slice(0, end), output.slice(end + END_OF_MATCHES.length).trim()];
}

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
