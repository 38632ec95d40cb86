import { execFile } from 'node:child_process';

const INTERVAL_MS = 1_000;

/** Calls `onExceeded` once when the folder is larger than `bytes`. Returns a function that stops watching. */
export function watchDisk(folder: string, bytes: number, onExceeded: () => void): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const check = () => {
    execFile('du', ['-s', '--block-size=1', folder], (_error, stdout) => {
      if (stopped) return;
      if (Number(stdout.split('\t')[0]) > bytes) onExceeded();
      else timer = setTimeout(check, INTERVAL_MS).unref();
    });
  };
  timer = setTimeout(check, INTERVAL_MS).unref();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
