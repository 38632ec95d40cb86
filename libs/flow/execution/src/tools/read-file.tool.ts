import { z } from 'zod';
import { fileError, pathSchema, shownPath } from './paths';
import { decodeText, lineEnding, shownText, type TextFile } from './text-file';
import { defineTool, toolError } from './tool';

const DEFAULT_LINES = 400;
const MAX_BYTES = 2 * 1024 * 1024;

export const readFile = defineTool({
  name: 'read_file',
  description: 'Reads lines of a text file. Each line is prefixed with its number.',
  input: z.object({
    path: pathSchema().describe('Path relative to the repository root'),
    startLine: z.int().min(1).optional().describe('First line, starting at 1'),
    lines: z.int().min(1).max(2000).optional().describe(`Number of lines (default ${DEFAULT_LINES})`),
  }),
  async run({ path, startLine = 1, lines = DEFAULT_LINES }, { session }) {
    let read: Awaited<ReturnType<typeof session.readFile>>;
    try {
      read = await session.readFile(path, { maxBytes: MAX_BYTES });
    } catch (error) {
      return toolError(fileError(path, error));
    }
    const { content, truncated } = read;
    const file = decodeText(truncated ? wholeCharacters(content) : content);
    if (!file) {
      const size = `${truncated ? 'more than ' : ''}${content.length} bytes`;
      return toolError(`${shownPath(path)} is a binary file of ${size}.`);
    }
    const all = shownText(file.text).replace(/\n$/, '').split('\n');
    if (startLine > all.length) return toolError(`${shownPath(path)} has only ${all.length} lines.`);
    const shown = all
      .slice(startLine - 1, startLine - 1 + lines)
      .map((line, i) => `${startLine + i}\t${line.replace(/\r$/, '')}`);
    const left = all.length - (startLine - 1 + shown.length);
    const notes = [
      left > 0 && `[${left} more lines; continue with startLine ${startLine + shown.length}]`,
      truncated && `[only the first ${MAX_BYTES} bytes of the file can be read]`,
      ...formatNotes(file),
    ];
    return { content: [...shown, ...notes.filter(Boolean)].join('\n') };
  },
});

/** Says how the file differs from UTF-8 with \n. */
function formatNotes({ text, encoding, hasInvalidBytes }: TextFile): (string | false)[] {
  const ending = lineEnding(text);
  return [
    ending === '\r\n' && '[the lines end with \\r\\n; edit_file and write_file keep that]',
    ending === 'mixed' && '[some lines end with \\r\\n; edit_file keeps that]',
    encoding !== 'UTF-8' && `[the file is encoded in ${encoding}; edit_file and write_file keep that]`,
    hasInvalidBytes && '[bytes that are not UTF-8 are shown as \ufffd; edit_file keeps them]',
  ];
}

/** Cuts off the last bytes if they are not a whole line, so that no character is split. */
function wholeCharacters(content: Buffer): Buffer {
  const end = content.lastIndexOf(10) + 1;
  return content.subarray(0, end > content.length / 2 ? end : content.length);
}
