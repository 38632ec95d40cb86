import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '@teko/persistence';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './resources';
import { MAIN, TekoProcess } from './teko-process';

describe('the stored audit log', () => {
  let home = '';
  beforeAll(async () => {
    const teko = await (await TekoProcess.start()).signIn();
    for (const name of ['Ada', 'Grace', 'Mary', 'Joan']) await teko.post('/users', { name });
    await teko.stop();
    home = teko.home;
  });

  /** Verifies a copy of the stored log after running SQL on it, as an attacker with the database password would. */
  async function verified(...statements: string[]): Promise<{ code: number | null; line: string }> {
    const copy = join(temporaryFolder('audit'), 'copy');
    cpSync(home, copy, { recursive: true });
    const { dataSource, close } = await openDatabase({ url: undefined, home: copy });
    try {
      for (const statement of statements) await dataSource.query(statement);
    } finally {
      await close();
    }
    const options = { env: { PATH: process.env.PATH, TEKO_HOME: copy }, timeout: 120_000 };
    const { status, stdout } = spawnSync(process.execPath, [MAIN, 'verify-audit'], options);
    return { code: status, line: stdout.toString().trim() };
  }

  it('is valid if it was not changed', async () => {
    expect(await verified()).toEqual({ code: 0, line: 'All 5 entries are valid.' });
  });

  it.each([
    ['altered', [`UPDATE audit_log_entries SET actorName = 'Nobody' WHERE id = 3`], 'Entry 3 was altered'],
    ['deleted', ['DELETE FROM audit_log_entries WHERE id = 3'], 'Entry 3 is missing'],
    ['deleted at the end', ['DELETE FROM audit_log_entries WHERE id = 5'], 'Entry 5 is missing'],
    [
      'reordered',
      [3, 4]
        .flatMap((id) => [`UPDATE audit_log_entries SET id = ${id + 100} WHERE id = ${7 - id}`])
        .concat(['UPDATE audit_log_entries SET id = id - 100 WHERE id > 100']),
      'Entry 3 does not follow the previous entry',
    ],
  ])('verification names an entry that was %s', async (_how, statements, line) => {
    const result = await verified(...statements);
    expect(result.line).toContain(line);
    expect(result.code).toBe(1);
  });
});
