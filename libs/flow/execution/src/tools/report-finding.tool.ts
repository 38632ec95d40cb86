import { FINDING_SEVERITIES } from '@teko/contracts';
import { z } from 'zod';
import { pathSchema, shownPath } from './paths';
import { decodeText } from './text-file';
import { defineTool, toolError } from './tool';

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_NAMES = 50;

export const reportFinding = defineTool({
  name: 'report_finding',
  description:
    'Reports one problem in the change, with the lines where it occurs (line numbers of the file after the change).',
  input: z.object({
    path: pathSchema(),
    startLine: z.int().min(1),
    endLine: z.int().min(1),
    severity: z.enum(FINDING_SEVERITIES),
    title: z.string().min(3).max(200),
    body: z.string().min(3).max(10_000).describe('What is wrong, what it causes, and how to fix it'),
  }),
  async run(finding, { session, changedFiles }) {
    const { path, startLine, endLine } = finding;
    if (!changedFiles.some((changed) => changed.path === path && changed.status !== 'deleted')) {
      const names = changedFiles.slice(0, MAX_NAMES).map((changed) => shownPath(changed.path));
      const more = changedFiles.length > MAX_NAMES ? ` and ${changedFiles.length - MAX_NAMES} more` : '';
      return toolError(`${shownPath(path)} is not part of the change. Changed files: ${names.join(', ')}${more}`);
    }
    const { content } = await session.readFile(path, { maxBytes: MAX_BYTES });
    const lines = decodeText(content)?.text.split('\n').length ?? 1;
    if (endLine < startLine || endLine > lines)
      return toolError(`${shownPath(path)} has ${lines} lines; ${startLine} to ${endLine} is not a valid range.`);
    return { content: 'The finding is recorded.', finding };
  },
});
