import { z } from 'zod';
import { defineTool } from './tool';

export const replyToThread = defineTool({
  name: 'reply_to_thread',
  description:
    'Answers one thread of the review: what was done about it, or why nothing. It is said when the work is proven; the last answer of each thread counts.',
  input: z.object({
    thread: z.string().min(1).max(40).describe('The number after "thread" in what was said'),
    body: z.string().min(2).max(5_000),
  }),
  async run({ thread, body }) {
    return { content: 'It will be said there.', reply: { threadId: thread, body } };
  },
});
