import { z } from 'zod';
import { defineTool } from './tool';

export const askRequester = defineTool({
  name: 'ask_requester',
  description:
    'Asks the person who requested the task, and waits for the answer. Use it only if neither the task nor the code gives the answer and a wrong guess would waste the work.',
  input: z.object({ question: z.string().min(5).max(2_000).describe('One question, with the options you see') }),
  async run({ question }, { humanInput }, key) {
    return { content: await humanInput.ask(key, question) };
  },
});
