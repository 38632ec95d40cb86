import 'reflect-metadata';
import { runProcess, printLine } from '@teko/platform';
import { startWorker } from './start';

await runProcess(async (settings) => {
  const worker = await startWorker(settings);
  printLine(`Worker ${worker.id} is waiting for runs.`);
  return worker;
});
