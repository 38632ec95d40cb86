import { z } from 'zod';
import { defineTool } from './tool';

export const replyToThread = defineTool({
  name: 'reply_to_thread',
  description:
    'Replies to one review thread: what was done about it, or why nothing was done. The reply is posted once the work has passed the tests. Only the last reply to each thread is posted.',
  input: z.object({
    thread: z.string().min(1).max(40).describe('The number after "thread" in the comment'),
    body: z.string().min(2).max(5_000),
  }),
  async run({ thread, body }) {
    return { content: 'The reply will be posted.', reply: { threadId: thread, body } };
  },
});
