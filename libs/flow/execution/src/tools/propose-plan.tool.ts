import { z } from 'zod';
import { defineTool, toolError } from './tool';

export const proposePlan = defineTool({
  name: 'propose_plan',
  description:
    'Submits a plan of how you will do the task for approval. Until it is approved, no file can be changed. Changes to files outside the plan need another approval.',
  input: z.object({
    plan: z
      .string()
      .min(10)
      .max(10_000)
      .describe('What you found, what you will change and why, and how it will be tested'),
    files: z.array(z.string().min(1).max(500)).min(1).max(200).describe('Files or folders that you will change'),
  }),
  async run({ plan, files }, { humanInput }) {
    const { approved, note } = await humanInput.approvePlan({ text: plan, files });
    if (approved) return { content: `The plan is approved.${note ? ` ${note}` : ''}` };
    return toolError(`The plan was rejected.${note ? ` ${note}` : ''} Propose another one.`);
  },
});
