import { z } from 'zod';
import { readTextFile, writeTextFile } from './edited-file';
import { pathSchema, shownPath } from './paths';
import { findPart, replaceRange, wellFormed } from './text-file';
import { defineTool, toolError } from './tool';

export const editFile = defineTool({
  name: 'edit_file',
  changesFiles: true,
  description:
    'Replaces one piece of text in a file. oldText must occur exactly once in the file, including whitespace. Line endings and encoding of the file are kept.',
  input: z.object({ path: pathSchema(), oldText: z.string().min(1), newText: z.string() }),
  async run({ path, oldText, newText }, { session }) {
    const { file, error } = await readTextFile(session, path);
    if (error) return error;
    const name = shownPath(path);
    if (oldText === newText) return toolError('oldText and newText are identical.');
    if (file.hasInvalidBytes && newText.includes('\ufffd'))
      return toolError(
        `${name} has bytes that are not UTF-8. They are shown as \ufffd and cannot be written: leave them out of oldText and newText.`,
      );
    const found = findPart(file.text, oldText);
    if (found.length === 0) return toolError(`oldText is not in ${name}. Read the file and copy the text exactly.`);
    if (found.length > 1)
      return toolError(`oldText occurs ${found.length} times in ${name}. Include more of the surrounding lines.`);
    const text = replaceRange(file.text, found[0]!, wellFormed(newText));
    if (text === file.text) return toolError('oldText and newText differ only in line endings, which are kept.');
    return writeTextFile(session, path, { text, file, done: `Edited ${name}.` });
  },
});
