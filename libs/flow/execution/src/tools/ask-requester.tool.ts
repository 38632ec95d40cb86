import { z } from 'zod';
import { defineTool } from './tool';

export const askRequester = defineTool({
  name: 'ask_requester',
  description:
    'Asks who wanted the task, and waits for the answer. Only for what neither the task nor the code can tell, and where a wrong guess would waste the work.',
  input: z.object({ question: z.string().min(5).max(2_000).describe('One question, with the choices you see') }),
  async run({ question }, { people }, key) {
    return { content: await people.ask(key, question) };
  },
});
