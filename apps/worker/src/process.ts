import 'reflect-metadata';
import { runProcess, say } from '@teko/platform';
import { startWorker } from './start';

await runProcess(async (settings) => {
  const worker = await startWorker(settings);
  say(`Worker ${worker.id} waits for runs.`);
  return worker;
});
