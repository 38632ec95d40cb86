import type { SandboxSession } from '@teko/domain';
import { z } from 'zod';
import { readTextFile, writeTextFile } from './edited-file';
import { fileError, pathSchema, shownPath } from './paths';
import { lineEnding, replaceRange, wellFormed, type TextFile } from './text-file';
import { defineTool, toolError, type ToolResult } from './tool';

const BOM = '\ufeff';

export const writeFile = defineTool({
  name: 'write_file',
  changesFiles: true,
  description:
    'Writes a whole file: creates it, including its folders, or replaces it. Line endings and encoding of an existing file are kept. To change part of a file, use edit_file.',
  input: z.object({ path: pathSchema(), content: z.string().max(1_000_000) }),
  async run({ path, content }, { session }) {
    const text = wellFormed(content);
    if (!(await fileExists(session, path))) return create(session, path, text);
    const { file, error } = await readTextFile(session, path);
    return error ?? replace(session, path, { text, file });
  },
});

async function fileExists(session: SandboxSession, path: string): Promise<boolean> {
  try {
    await session.readFile(path, { maxBytes: 1 });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'unavailable') throw error;
    return false;
  }
}

async function create(session: SandboxSession, path: string, text: string): Promise<ToolResult> {
  try {
    await session.writeFile(path, text);
    return { content: `Wrote ${Buffer.byteLength(text)} bytes to ${shownPath(path)}.` };
  } catch (error) {
    return toolError(fileError(path, error));
  }
}

/** Lines that stay the same keep their ending. New lines end as the others, unless the file is converted to \r\n. */
async function replace(
  session: SandboxSession,
  path: string,
  { text, file }: { text: string; file: TextFile },
): Promise<ToolResult> {
  const mark = file.text.startsWith(BOM) && !text.startsWith(BOM) ? BOM : '';
  const before = lineEnding(file.text);
  const isConverted = before === '\n' && lineEnding(text) === '\r\n';
  const range = { start: 0, end: file.text.length };
  const newText = isConverted ? mark + text : replaceRange(file.text, range, mark + text);
  const ending = before === '\r\n' ? ' with \\r\\n' : before === 'mixed' ? ' with mixed line endings' : '';
  const encoding = file.encoding === 'UTF-8' ? '' : ` in ${file.encoding}`;
  const kept = ending || encoding ? ` The file is${encoding}${ending}, which was kept.` : '';
  const done = `Wrote ${newText.length} characters to ${shownPath(path)}.${kept}`;
  return writeTextFile(session, path, { text: newText, file, done });
}
