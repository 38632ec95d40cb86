import { FINDING_SEVERITIES } from '@teko/contracts';
import { z } from 'zod';
import { defineTool, toolError } from './tool';

export const reportFinding = defineTool({
  name: 'report_finding',
  description:
    'Reports one problem in the change, with the lines where it occurs (line numbers of the file after the change).',
  input: z.object({
    path: z.string().min(1),
    startLine: z.int().min(1),
    endLine: z.int().min(1),
    severity: z.enum(FINDING_SEVERITIES),
    title: z.string().min(3).max(200),
    body: z.string().min(3).max(10_000).describe('What is wrong, what it causes, and how to fix it'),
  }),
  async run(finding, { session, changedFiles }) {
    const { path, startLine, endLine } = finding;
    if (!changedFiles.some((file) => file.path === path && file.status !== 'deleted'))
      return toolError(
        `${path} is not part of the change. Changed files: ${changedFiles.map((file) => file.path).join(', ')}`,
      );
    const lines = (await session.readFile(path, { maxBytes: 5 * 1024 * 1024 })).content
      .toString('utf8')
      .split('\n').length;
    if (endLine < startLine || endLine > lines)
      return toolError(`${path} has ${lines} lines; ${startLine} to ${endLine} is not a valid range.`);
    return { content: 'The finding is recorded.', finding };
  },
});
