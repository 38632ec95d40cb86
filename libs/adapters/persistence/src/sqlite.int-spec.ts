import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { aRepository } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from './database';
import { sqliteDatabase, type TestDatabase } from './database.fixture';
import { Store } from './store';

describe('openDatabase on SQLite', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await sqliteDatabase();
  });
  afterAll(() => test?.remove());

  it('uses WAL mode and enforces foreign keys', async () => {
    const { dataSource } = test.database;
    expect(await dataSource.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await dataSource.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
  });

  it('waits for a write of another process', async () => {
    const path = String(test.database.dataSource.options.database);
    const holder = `
      const db = new (require('libsql'))(${JSON.stringify(path)});
      db.exec('BEGIN IMMEDIATE');
      process.stdout.write('held');
      setTimeout(() => { db.exec('COMMIT'); db.close(); }, 700);`;
    const held = promisify(execFile)(process.execPath, ['-e', holder], { cwd: import.meta.dirname });
    await new Promise((resolve) => held.child.stdout!.once('data', resolve));
    const row = aRepository();
    await test.database.repositories.RepositoryRepository.insert(row);
    await test.database.repositories.RepositoryRepository.update(row.id, { name: 'after' });
    expect((await test.database.repositories.RepositoryRepository.findById(row.id))?.name).toBe('after');
    await held;
  });

  it('reports a busy database if a transaction does not end', async () => {
    const store = new Store(test.database.dataSource, true, 50);
    let end = () => {};
    const endless = store.transaction(() => new Promise<void>((resolve) => (end = resolve)));
    await expect(store.query((manager) => manager.query('SELECT 1'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('busy') as string,
    });
    end();
    await endless;
    expect(await store.query((manager) => manager.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  it('keeps stored rows when it is reopened', async () => {
    const row = aRepository();
    await test.database.repositories.RepositoryRepository.insert(row);
    const reopened = await test.reopen();
    expect(await reopened.repositories.RepositoryRepository.findById(row.id)).toEqual(row);
  });

  it('names the setting if a folder or file is not writable', async () => {
    const home = openDatabase({ url: undefined, home: '/dev/null/teko' });
    await expect(home).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('TEKO_HOME') });
    const file = openDatabase({ url: 'sqlite:///dev/null/teko.db', home: '/' });
    await expect(file).rejects.toMatchObject({ message: expect.stringContaining('DATABASE_URL') as string });
  });
});
