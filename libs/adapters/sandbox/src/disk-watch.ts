import { execFile } from 'node:child_process';

const INTERVAL_MS = 1_000;

/** Calls `tooMuch` once the folder holds more than `bytes`. Answers a function that ends the watch. */
export function watchDisk(folder: string, bytes: number, tooMuch: () => void): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const look = () => {
    execFile('du', ['-s', '--block-size=1', folder], (_error, stdout) => {
      if (stopped) return;
      if (Number(stdout.split('\t')[0]) > bytes) tooMuch();
      else timer = setTimeout(look, INTERVAL_MS).unref();
    });
  };
  timer = setTimeout(look, INTERVAL_MS).unref();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
