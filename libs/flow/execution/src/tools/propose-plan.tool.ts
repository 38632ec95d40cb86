import { z } from 'zod';
import { defineTool, refused } from './tool';

export const proposePlan = defineTool({
  name: 'propose_plan',
  description:
    'Says how you will do the task, for somebody to approve. Until it is approved no file can be changed; files outside it need another approval.',
  input: z.object({
    plan: z
      .string()
      .min(10)
      .max(10_000)
      .describe('What you found, what you will change and why, how it will be tested'),
    files: z.array(z.string().min(1).max(500)).min(1).max(200).describe('Files or folders that you will touch'),
  }),
  async run({ plan, files }, { people }) {
    const { approved, note } = await people.approve({ text: plan, files });
    if (approved) return { content: `The plan is approved.${note ? ` ${note}` : ''}` };
    return refused(`The plan was rejected.${note ? ` ${note}` : ''} Propose another one.`);
  },
});
