import { expect, it } from 'vitest';
import { redisAddress, redisReason } from './redis-url';

const plain = { host: 'redis.example', port: 6379, db: 0, family: 0 };

it.each([
  ['redis://redis.example', plain],
  ['redis://redis.example/', plain],
  ['redis://redis.example:7000/3', { ...plain, port: 7000, db: 3 }],
  ['redis://:p%40ss%2Fword@redis.example', { ...plain, password: 'p@ss/word' }],
  ['redis://teko:secret@redis.example?family=6', { ...plain, username: 'teko', password: 'secret', family: 6 }],
  ['rediss://:secret@redis.example', { ...plain, password: 'secret', tls: { servername: 'redis.example' } }],
  ['rediss://127.0.0.1:7000', { ...plain, host: '127.0.0.1', port: 7000, tls: {} }],
  ['rediss://[::1]:7000', { ...plain, host: '::1', port: 7000, tls: {} }],
])('redisAddress of %s', (url, address) => {
  expect(redisAddress(url)).toEqual(address);
});

it.each([
  ['http://:hunter22@redis.example', 'must start with redis:// or rediss://'],
  ['redis://:hunter22@', 'is not a valid URL'],
  ['redis://:hunt#er22@redis.example', 'is not a valid URL'],
  ['redis://:hunter22@redis.example#x', 'must not contain #'],
  ['redis://:hunter22%@redis.example', 'contains a % in the user or the password'],
  ['redis://teko@redis.example', 'names a user without a password'],
  ['redis://:hunter22@redis.example/zero', 'must end with the number of a database'],
  ['redis://:hunter22@redis.example/0/1', 'must end with the number of a database'],
  ['redis://:hunter22@redis.example?family=5', 'family must be 4 or 6'],
  ['redis://:hunter22@redis.example?db=3', 'the parameter db is not supported'],
  ['rediss://:hunter22@redis.example?rejectUnauthorized=false', 'the parameter rejectUnauthorized is not supported'],
])('redisAddress refuses %s', (url, reason) => {
  const refused = () => redisAddress(url);
  expect(refused).toThrow(`REDIS_URL: ${reason}`);
  expect(refused).not.toThrow('hunter22');
  expect(refused).not.toThrow('er22');
});

it.each([
  [
    'redis://:hunter22@redis.example',
    new Error('ERR invalid password:\n hunter22'),
    'ERR invalid password: [redacted]',
  ],
  ['redis://redis.example', new Error('Connection is closed.'), /if the server speaks TLS, use rediss:/],
  [
    'rediss://redis.example',
    Object.assign(new Error('connect'), { code: 'ETIMEDOUT' }),
    /connect \(ETIMEDOUT\).*use redis:/,
  ],
])('redisReason for %s', (url, error, reason) => {
  expect(redisReason(error, redisAddress(url))).toEqual(
    typeof reason === 'string' ? reason : (expect.stringMatching(reason) as string),
  );
});
