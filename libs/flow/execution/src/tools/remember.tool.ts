import { INSIGHT_KINDS, INSIGHT_LIMITS } from '@teko/contracts';
import { z } from 'zod';
import { defineTool } from './tool';

const KINDS = INSIGHT_KINDS.filter((kind) => kind !== 'review' && kind !== 'hot_spot');

export const remember = defineTool({
  name: 'remember',
  description:
    'Writes down one fact about this repository for later runs: how it is built or tested, a convention, who owns what. Only what you have seen to be true, would have saved you time, and is not written in the repository already. Not what this task is about.',
  input: z.object({
    kind: z.enum(KINDS),
    text: z.string().min(3).max(INSIGHT_LIMITS.text).describe('One fact in one or two sentences'),
    path: z
      .string()
      .min(1)
      .max(INSIGHT_LIMITS.path)
      .optional()
      .describe('The file that it follows from: once that changes, the fact is not used any more'),
  }),
  run: ({ kind, text, path }, { notes }, key) => notes.remember({ kind, text, path: path ?? null }, key),
});
