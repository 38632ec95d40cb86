import { FINDING_SEVERITIES } from '@teko/contracts';
import { z } from 'zod';
import { defineTool, refused } from './tool';

export const reportFinding = defineTool({
  name: 'report_finding',
  description: 'Reports one problem of the change at its lines (numbers in the file after the change).',
  input: z.object({
    path: z.string().min(1),
    startLine: z.int().min(1),
    endLine: z.int().min(1),
    severity: z.enum(FINDING_SEVERITIES),
    title: z.string().min(3).max(200),
    body: z.string().min(3).max(10_000).describe('What is wrong, what follows from it, and how to mend it'),
  }),
  async run(finding, { session, changedFiles }) {
    const { path, startLine, endLine } = finding;
    if (!changedFiles.some((file) => file.path === path && file.status !== 'deleted'))
      return refused(`${path} is not a file of the change: ${changedFiles.map((file) => file.path).join(', ')}`);
    const lines = (await session.readFile(path, { maxBytes: 5 * 1024 * 1024 })).toString('utf8').split('\n').length;
    if (endLine < startLine || endLine > lines)
      return refused(`${path} has ${lines} lines; ${startLine} to ${endLine} is not among them`);
    return { content: 'Noted.', finding };
  },
});
