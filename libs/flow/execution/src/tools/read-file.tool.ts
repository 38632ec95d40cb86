import { z } from 'zod';
import { defineTool } from './tool';

const DEFAULT_LINES = 400;
const MAX_BYTES = 2 * 1024 * 1024;

export const readFile = defineTool({
  name: 'read_file',
  description: 'Reads lines of a text file. Each line is prefixed with its number.',
  input: z.object({
    path: z.string().min(1).describe('Path relative to the repository root'),
    startLine: z.int().min(1).optional().describe('First line, starting at 1'),
    lines: z.int().min(1).max(2000).optional().describe(`Number of lines (default ${DEFAULT_LINES})`),
  }),
  async run({ path, startLine = 1, lines = DEFAULT_LINES }, { session }) {
    const { content, truncated } = await session.readFile(path, { maxBytes: MAX_BYTES });
    if (content.includes(0))
      return {
        content: `${path} is a binary file of ${truncated ? 'more than ' : ''}${content.length} bytes.`,
        isError: true,
      };
    const all = content.toString('utf8').replace(/\n$/, '').split('\n');
    const shown = all.slice(startLine - 1, startLine - 1 + lines).map((line, i) => `${startLine + i}\t${line}`);
    const left = all.length - (startLine - 1 + shown.length);
    const more = left > 0 ? `\n[${left} more lines; continue with startLine ${startLine + shown.length}]` : '';
    const cut = truncated ? `\n[only the first ${MAX_BYTES} bytes of the file can be read]` : '';
    return { content: shown.join('\n') + more + cut };
  },
});
