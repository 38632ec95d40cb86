import { z } from 'zod';
import { defineTool, refused } from './tool';

const MAX_BYTES = 5 * 1024 * 1024;

export const editFile = defineTool({
  name: 'edit_file',
  changes: true,
  description: 'Replaces one piece of a file. oldText must be in the file exactly once, with its white space.',
  input: z.object({ path: z.string().min(1), oldText: z.string().min(1), newText: z.string() }),
  async run({ path, oldText, newText }, { session }) {
    const content = await session.readFile(path, { maxBytes: MAX_BYTES });
    if (content.length >= MAX_BYTES) return refused(`${path} is too large to be edited`);
    const text = content.toString('utf8');
    const found = text.split(oldText).length - 1;
    if (found === 0) return refused(`oldText is not in ${path}; read the file and copy the piece exactly`);
    if (found > 1) return refused(`oldText is in ${path} ${found} times; take more of the lines around it`);
    if (oldText === newText) return refused('oldText and newText are the same');
    await session.writeFile(
      path,
      text.replace(oldText, () => newText),
    );
    return { content: `Edited ${path}.` };
  },
});
