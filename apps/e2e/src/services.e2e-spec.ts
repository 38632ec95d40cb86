import { describe, expect, it } from 'vitest';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { missingMariadb, MARIADB, startRedis, temporaryDatabase } from './services';
import { modelEnv, startModel } from './small-scenario';
import { TekoProcess } from './teko-process';

const sample = SAMPLES[1]!;
const reason = await missingMariadb('bubblewrap', 'redis-server', ...sample.packages);

describe.skipIf(reason)(reason ?? 'with MariaDB and Redis', () => {
  it('completes a task with a tested change', async () => {
    const database = await temporaryDatabase('services');
    const redis = await startRedis();
    const server = await startModel([
      { toolCalls: [{ name: 'edit_file', args: { path: sample.file, oldText: sample.wrong, newText: sample.right } }] },
      { toolCalls: [{ name: 'finish', args: { title: 'Fix the name', summary: '' } }] },
    ]);
    const env = { ...modelEnv(server), DATABASE_URL: `${MARIADB}/${database}`, REDIS_URL: redis.url };
    const teko = await (await TekoProcess.start(env)).signIn();
    const ready = (await (await fetch(`${teko.url}/readyz`)).json()) as object;
    expect(JSON.stringify(ready)).toMatch(/database.*queue|queue.*database/);
    const task = await teko.addTask(brokenRepository(sample), { title: 'Names keep their case 🎉' });
    expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
    expect(await teko.rows(`/changes?taskId=${task.id}`)).toHaveLength(1);
  });
});
