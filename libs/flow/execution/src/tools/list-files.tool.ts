import { z } from 'zod';
import { fileError, pathSchema, shownPath } from './paths';
import { defineTool, toolError } from './tool';

const MAX_ENTRIES = 500;

export const listFiles = defineTool({
  name: 'list_files',
  description: 'Lists the contents of a folder with file sizes. Names of folders end with a slash.',
  input: z.object({ path: pathSchema().default('.'), depth: z.int().min(1).max(6).default(2) }),
  async run({ path, depth }, { session }) {
    try {
      const entries = await session.list(path, { depth, limit: MAX_ENTRIES });
      const lines = entries.map(({ path: name, type, bytes }) => {
        if (type === 'dir') return shownPath(`${name}/`);
        return `${shownPath(name)} (${type === 'file' ? `${bytes} bytes` : type})`;
      });
      if (entries.length === MAX_ENTRIES) lines.push(`[only the first ${MAX_ENTRIES} entries; list a subfolder]`);
      return { content: lines.join('\n') || 'The folder is empty.' };
    } catch (error) {
      if ((error as Error).message.startsWith('ENOTDIR'))
        return toolError(`${shownPath(path)} is a file: read it with read_file.`);
      return toolError(fileError(path, error));
    }
  },
});
