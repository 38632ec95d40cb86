import { startModelServer, type ModelServer } from '@teko/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { needs } from './needs';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { MARIADB, REDIS, sql } from './services';
import { TekoProcess } from './teko-process';

needs('bubblewrap');

const database = `teko_story_${process.pid}`;
const sample = SAMPLES[1]!;
const reachable = await sql('SELECT 1');

describe.skipIf(!reachable)(reachable ? 'on MariaDB and Redis' : `skipped: no MariaDB answers at ${MARIADB}`, () => {
  let teko: TekoProcess | undefined;
  let server: ModelServer | undefined;
  afterEach(async () => {
    await teko?.stop();
    await server?.close();
    await sql(`DROP DATABASE IF EXISTS ${database}`);
  });

  it('a task becomes a tested change', async () => {
    await sql(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    server = await startModelServer([
      { toolCalls: [{ name: 'edit_file', args: { path: sample.file, oldText: sample.wrong, newText: sample.right } }] },
      { toolCalls: [{ name: 'finish', args: { title: 'Mend the name', summary: '' } }] },
    ]);
    const env = {
      DATABASE_URL: `${MARIADB}/${database}`,
      REDIS_URL: `${REDIS}/7`,
      TEKO_MODEL: 'openai:scripted',
      OPENAI_BASE_URL: `${server.url}/v1`,
      OPENAI_API_KEY: 'story-key',
    };
    teko = await (await TekoProcess.start(env)).signIn();
    const ready = (await (await fetch(`${teko.url}/readyz`)).json()) as object;
    expect(JSON.stringify(ready)).toMatch(/database.*queue|queue.*database/);
    const task = await teko.addTask(brokenRepository(sample), { title: 'Names keep their case 🎉' });
    expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
    expect(await teko.rows(`/changes?taskId=${task.id}`)).toHaveLength(1);
  });
});
