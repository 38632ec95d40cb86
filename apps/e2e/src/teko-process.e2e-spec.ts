import { expect, it } from 'vitest';
import { TekoProcess } from './teko-process';

it('reports exit code and output at once if the start fails', async () => {
  const starting = TekoProcess.start({ TEKO_MODEL: 'gpt' });
  await expect(starting).rejects.toThrow(/exited unexpectedly with exit code 1:\n.*TEKO_MODEL: must look like/s);
});

it('fails waiting requests at once, and the test, if the process dies', async () => {
  const teko = await (await TekoProcess.start()).signIn();
  const waiting = teko.finishedRun('none', 600_000);
  process.kill(teko.child.pid!, 'SIGKILL');
  await expect(waiting).rejects.toThrow('the standalone exited unexpectedly after SIGKILL');
  await expect(teko.stop()).rejects.toThrow('exited unexpectedly');
  await teko.stop();
});
