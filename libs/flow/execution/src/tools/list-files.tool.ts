import { z } from 'zod';
import { defineTool } from './tool';

const MAX_ENTRIES = 500;

export const listFiles = defineTool({
  name: 'list_files',
  description: 'Lists the contents of a folder with file sizes. Names of folders end with a slash.',
  input: z.object({ path: z.string().default('.'), depth: z.int().min(1).max(6).default(2) }),
  async run({ path, depth }, { session }) {
    const entries = await session.list(path, { depth, limit: MAX_ENTRIES });
    const lines = entries.map((entry) =>
      entry.type === 'dir'
        ? `${entry.path}/`
        : `${entry.path} (${entry.type === 'file' ? `${entry.bytes} bytes` : entry.type})`,
    );
    if (entries.length === MAX_ENTRIES) lines.push(`[only the first ${MAX_ENTRIES} entries; list a subfolder]`);
    return { content: lines.join('\n') || 'The folder is empty.' };
  },
});
