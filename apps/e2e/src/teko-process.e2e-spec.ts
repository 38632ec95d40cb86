import { expect, it } from 'vitest';
import { TekoProcess } from './teko-process';

it('a start that fails says at once how it ended and what it said', async () => {
  const starting = TekoProcess.start({ TEKO_MODEL: 'gpt' });
  await expect(starting).rejects.toThrow(/ended by itself, with exit code 1:\n.*TEKO_MODEL: must look like/s);
});

it('a Teko that dies fails what waits for it at once, and the test that started it', async () => {
  const teko = await (await TekoProcess.start()).signIn();
  const waiting = teko.finishedRun('none', 600_000);
  process.kill(teko.child.pid!, 'SIGKILL');
  await expect(waiting).rejects.toThrow('the standalone has ended by itself, of SIGKILL');
  await expect(teko.stop()).rejects.toThrow('has ended by itself');
  await teko.stop();
});
