import { INSIGHT_KINDS, INSIGHT_LIMITS } from '@teko/contracts';
import { z } from 'zod';
import { defineTool } from './tool';

const KINDS = INSIGHT_KINDS.filter((kind) => kind !== 'review' && kind !== 'hot_spot');

export const remember = defineTool({
  name: 'remember',
  description:
    'Stores one insight about this repository for later runs: how it is built or tested, a convention, who owns what. Store only what you have verified, what would have saved you time, and what the repository does not document already. Do not store anything about this task.',
  input: z.object({
    kind: z.enum(KINDS),
    text: z.string().min(3).max(INSIGHT_LIMITS.text).describe('One insight in one or two sentences'),
    path: z
      .string()
      .min(1)
      .max(INSIGHT_LIMITS.path)
      .optional()
      .describe('The file that the insight is based on. Once that file changes, the insight is no longer used.'),
  }),
  run: ({ kind, text, path }, { insights }, key) => insights.remember({ kind, text, path: path ?? null }, key),
});
