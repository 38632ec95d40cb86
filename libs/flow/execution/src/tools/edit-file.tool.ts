import { z } from 'zod';
import { defineTool, toolError } from './tool';

const MAX_BYTES = 5 * 1024 * 1024;

export const editFile = defineTool({
  name: 'edit_file',
  changesFiles: true,
  description:
    'Replaces one piece of text in a file. oldText must occur exactly once in the file, including whitespace.',
  input: z.object({ path: z.string().min(1), oldText: z.string().min(1), newText: z.string() }),
  async run({ path, oldText, newText }, { session }) {
    const { content, truncated } = await session.readFile(path, { maxBytes: MAX_BYTES });
    if (truncated) return toolError(`${path} is too large to edit.`);
    const text = content.toString('utf8');
    const count = text.split(oldText).length - 1;
    if (count === 0) return toolError(`oldText is not in ${path}. Read the file and copy the text exactly.`);
    if (count > 1) return toolError(`oldText occurs ${count} times in ${path}. Include more of the surrounding lines.`);
    if (oldText === newText) return toolError('oldText and newText are identical.');
    await session.writeFile(
      path,
      text.replace(oldText, () => newText),
    );
    return { content: `Edited ${path}.` };
  },
});
