/* Runs one target in a process of its own. The task comes from the process that watches it. */
import { fileURLToPath } from 'node:url';
import { withModule } from '../sources.mjs';

process.once('message', async (task) => {
  try {
    if (task.replay) task.replay = Buffer.from(task.replay, 'base64');
    await withModule(fileURLToPath(new URL('worker.ts', import.meta.url)), ({ work }) =>
      work(task, (message) => process.send(message)),
    );
  } catch (error) {
    process.send({ failure: error.stack });
  }
  process.disconnect();
});
