import { expect, it } from 'vitest';
import { mysqlAddress } from './database-url';

const plain = { host: 'db.example', port: 3306, username: 'teko', password: 'secret', database: 'teko' };
const ssl = { rejectUnauthorized: true, verifyIdentity: true };

it.each([
  ['mysql://teko:secret@db.example/teko', plain],
  ['mariadb://teko:secret@db.example:3307/teko?ssl=false', { ...plain, port: 3307 }],
  ['mysql://teko:p%40ss%2Fword@db.example/te%20ko', { ...plain, password: 'p@ss/word', database: 'te ko' }],
  ['mysql://teko:secret@db.example/teko?ssl=true', { ...plain, ssl }],
  ['mysql://[::1]/teko', { ...plain, host: '::1', username: undefined, password: undefined }],
])('mysqlAddress of %s', (url, address) => {
  expect(mysqlAddress(url)).toEqual(address);
});

it.each([
  ['mysql://teko:hunter22@', 'is not a valid URL'],
  ['mysql://teko:hunt#er22@db.example/teko', 'is not a valid URL'],
  ['mysql://teko:hunter22@db.example', 'must end with the name of a database'],
  ['mysql://teko:hunter22@db.example/', 'must end with the name of a database'],
  ['mysql://teko:hunter22@db.example/a/b', 'must end with the name of a database'],
  ['mysql://teko:hunter22%@db.example/teko', 'contains a %'],
  ['mysql://teko:hunter22@db.example/teko#x', 'must not contain #'],
  ['mysql://teko:hunter22@db.example/teko?ssl=1', 'ssl must be true or false'],
  ['mysql://teko:hunter22@127.0.0.1/teko?ssl=true', 'ssl=true needs the name of the host'],
  ['mysql://teko:hunter22@db.example/teko?ssl-mode=REQUIRED', 'the parameter ssl-mode is not supported'],
  ['mysql://teko:hunter22@db.example/teko?socketPath=/run/mysqld.sock', 'the parameter socketPath is not supported'],
])('mysqlAddress refuses %s', (url, reason) => {
  const refused = () => mysqlAddress(url);
  expect(refused).toThrow(`DATABASE_URL: ${reason}`);
  expect(refused).not.toThrow('er22');
});
