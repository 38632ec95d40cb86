import { z } from 'zod';
import { defineTool } from './tool';

export const finish = defineTool({
  name: 'finish',
  description: 'Ends the work. Call it once, when everything is done. What you report is checked against the tests.',
  input: z.object({
    title: z.string().min(3).max(120).describe('One line in the imperative, like a commit subject'),
    summary: z.string().max(5_000).describe('What was done and why'),
    notDone: z.string().max(2_000).optional().describe('What was requested but not done, and why'),
    criteria: z
      .array(z.object({ criterion: z.string().max(500), evidence: z.string().max(500) }))
      .max(30)
      .optional()
      .describe('Each requirement of the task, and the evidence that it is met, such as a test or an output'),
    newFiles: z
      .array(
        z.object({
          path: z.string().min(1).max(1_000).describe('File or folder'),
          reason: z.string().min(3).max(300).describe('Why it belongs to the change'),
        }),
      )
      .max(100)
      .optional()
      .describe(
        'New files that commands created and that belong to the change. Other new files stay out, unless write_file or edit_file wrote them',
      ),
  }),
  async run(result) {
    return { content: 'The work is finished.', finish: result };
  },
});
