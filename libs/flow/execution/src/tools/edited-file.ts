import type { SandboxSession } from '@teko/domain';
import { fileError, shownPath } from './paths';
import { decodeText, encodeText, UnrepresentableError, type TextFile } from './text-file';
import { toolError, type ToolResult } from './tool';

const MAX_BYTES = 5 * 1024 * 1024;

/** Returns the text file, or the error that the model is told. */
export async function readTextFile(
  session: SandboxSession,
  path: string,
): Promise<{ file: TextFile; error?: undefined } | { file?: undefined; error: ToolResult }> {
  try {
    const { content, truncated } = await session.readFile(path, { maxBytes: MAX_BYTES });
    if (truncated)
      return fail(`${shownPath(path)} is larger than ${MAX_BYTES / 1024 / 1024} MB. Change it with run_command.`);
    const file = decodeText(content);
    return file ? { file } : fail(`${shownPath(path)} is a binary file. Change it with run_command.`);
  } catch (error) {
    return fail(fileError(path, error));
  }
}

/** Writes a changed text in the encoding of its file, and returns the result for the model. */
export async function writeTextFile(
  session: SandboxSession,
  path: string,
  { text, file, done }: { text: string; file: TextFile; done: string },
): Promise<ToolResult> {
  try {
    await session.writeFile(path, encodeText(text, file));
    return { content: done };
  } catch (error) {
    if (error instanceof UnrepresentableError)
      return toolError(
        `${shownPath(path)} is not UTF-8, so it is written as Windows-1252, which has no ${error.characters.join(' ')}. Use other characters, or convert the file with run_command (iconv) if the task needs it.`,
      );
    return toolError(fileError(path, error));
  }
}

function fail(message: string): { error: ToolResult } {
  return { error: toolError(message) };
}
