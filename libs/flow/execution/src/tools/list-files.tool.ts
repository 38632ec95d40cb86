import { z } from 'zod';
import { defineTool } from './tool';

const LIMIT = 500;

export const listFiles = defineTool({
  name: 'list_files',
  description: 'Lists a folder, with sizes; folders end with a slash.',
  input: z.object({ path: z.string().default('.'), depth: z.int().min(1).max(6).default(2) }),
  async run({ path, depth }, { session }) {
    const entries = await session.list(path, { depth, limit: LIMIT });
    const lines = entries.map((entry) =>
      entry.type === 'dir'
        ? `${entry.path}/`
        : `${entry.path} (${entry.type === 'file' ? `${entry.bytes} bytes` : entry.type})`,
    );
    if (entries.length === LIMIT) lines.push(`[only the first ${LIMIT}; list a folder further down]`);
    return { content: lines.join('\n') || 'The folder is empty.' };
  },
});
