import { describe, expect, it } from 'vitest';
import { bindable, LibsqlDriver } from './libsql-driver';

describe('LibsqlDriver', () => {
  it('accepts every form of arguments that TypeORM uses, including a single boolean, null or buffer', () => {
    const database = new LibsqlDriver(':memory:').exec('CREATE TABLE t (v)');
    for (const value of [true, null, Buffer.from('x'), 'text', 3])
      database.prepare('INSERT INTO t VALUES (?)').run(value);
    expect(database.prepare('SELECT count(*) AS n FROM t WHERE v IS NOT NULL').get()).toEqual({ n: 4 });
    expect(database.prepare('SELECT v FROM t WHERE v = ?').all(['text'])).toEqual([{ v: 'text' }]);
  });

  it('hides nothing after a NUL character', () => {
    const database = new LibsqlDriver(':memory:').exec('CREATE TABLE t (v TEXT)');
    database.prepare('INSERT INTO t VALUES (?)').run('shown\0hidden');
    expect(database.prepare('SELECT v FROM t WHERE v = ?').get('shown\0hidden')).toEqual({ v: 'shown\ufffdhidden' });
  });

  it('spreads a single array and converts booleans to numbers', () => {
    expect(bindable([[true, undefined]])).toEqual([1, null]);
  });
});
