import { z } from 'zod';
import { defineTool } from './tool';

export const writeFile = defineTool({
  name: 'write_file',
  changesFiles: true,
  description:
    'Writes a whole file: creates it, including its folders, or replaces it. To change part of a file, use edit_file.',
  input: z.object({ path: z.string().min(1), content: z.string().max(1_000_000) }),
  async run({ path, content }, { session }) {
    await session.writeFile(path, content);
    return { content: `Wrote ${Buffer.byteLength(content)} bytes to ${path}.` };
  },
});
