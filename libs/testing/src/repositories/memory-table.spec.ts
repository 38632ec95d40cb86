import { ConflictError } from '@teko/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryTable } from './memory-table';

interface Row {
  id: string;
  name: string;
  owner: string | null;
  at: Date;
}
const row = (id: string, more: Partial<Row> = {}): Row => ({ id, name: id, owner: null, at: new Date(0), ...more });

describe('unique constraints of a memory table', () => {
  let table: MemoryTable<Row>;
  beforeEach(() => {
    table = new MemoryTable<Row>({ noun: 'row', unique: [['name'], ['owner', 'at']] });
    table.add(row('one', { owner: 'ann' }));
  });

  it('reject an insert or update with the values of another row', () => {
    expect(() => table.add(row('two', { name: 'one' }))).toThrow(ConflictError);
    expect(() => table.add(row('two', { owner: 'ann' }))).toThrow(ConflictError);
    table.add(row('two', { owner: 'ann', at: new Date(1) }));
    expect(() => table.patch('two', { at: new Date(0) })).toThrow(ConflictError);
    expect(table.get('two')).toEqual(row('two', { owner: 'ann', at: new Date(1) }));
  });

  it('allow an update that does not change the values', () => {
    expect(table.patch('one', { name: 'one', owner: 'ann' })).toEqual(row('one', { owner: 'ann' }));
    expect(() => table.add(row('two', { name: 'one' }))).toThrow(ConflictError);
  });

  it.each<[string, () => void]>([
    ['deleted', () => table.delete('one')],
    ['changed', () => void table.patch('one', { name: 'other', owner: 'eve' })],
  ])('allow the values again once their row is %s', (_, release) => {
    release();
    expect(table.add(row('two', { name: 'one', owner: 'ann' })).name).toBe('one');
    expect(() => table.add(row('three', { name: 'one' }))).toThrow(ConflictError);
  });

  it('ignore rows in which one of the values is null', () => {
    table.add(row('two'));
    table.add(row('three'));
    expect(table.where(({ owner }) => owner === null).map(({ id }) => id)).toEqual(['two', 'three']);
  });

  it('do not change the order of updated rows', () => {
    table.add(row('two'));
    table.patch('one', { name: 'other' });
    expect(table.where().map(({ id }) => id)).toEqual(['one', 'two']);
  });
});
