import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { RedisProcess } from '@teko/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates, type Certificates } from './certificates';
import { eventually } from './eventually';
import { MysqlTlsServer } from './mysql-tls-server';
import { missingPackages } from './required-packages';
import { onEnd, temporaryFolder } from './resources';
import { missingMariadb } from './services';
import { addSmallTask, finish, modelEnv, solve, startModel } from './small-scenario';
import { MAIN, TekoProcess } from './teko-process';
import { TcpRecorder } from './tcp-recorder';

const PASSWORD = 'hunter-twenty-two';
const TLS_HANDSHAKE = 0x16;
/** Only stops what hangs. */
const EXIT_TIMEOUT_MS = 120_000;
const reason = (await missingMariadb('redis-server', 'openssl')) ?? missingPackages('bubblewrap');

describe.skipIf(reason)(reason ?? 'connections to Redis and the database', () => {
  let certificates: Certificates;
  let redis: RedisProcess;
  let tlsRedis: RedisProcess;
  let mysql: MysqlTlsServer;
  beforeAll(async () => {
    certificates = makeCertificates();
    redis = await start({ password: PASSWORD });
    tlsRedis = await start({ password: PASSWORD, tls: certificates });
    mysql = await MysqlTlsServer.start(certificates);
  });

  async function start(options: Parameters<typeof RedisProcess.start>[0]): Promise<RedisProcess> {
    const starting = RedisProcess.start(options);
    onEnd(async () => (await starting.catch(() => null))?.kill());
    return starting;
  }

  const readiness = async (teko: TekoProcess) => {
    const response = await fetch(`${teko.url}/readyz`);
    return { status: response.status, body: (await response.json()) as { reasons?: Record<string, string> } };
  };

  it('speak only TLS if the URL says so, and a run succeeds', async () => {
    const recorder = await TcpRecorder.start(Number(new URL(tlsRedis.url).port));
    const server = await startModel([solve, finish]);
    const env = {
      ...modelEnv(server),
      REDIS_URL: `rediss://default:${PASSWORD}@127.0.0.1:${recorder.port}/2`,
      NODE_EXTRA_CA_CERTS: certificates.ca,
    };
    const teko = await (await TekoProcess.start(env)).signIn();
    expect(await readiness(teko)).toMatchObject({ status: 200 });
    const task = await addSmallTask(teko);
    expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'succeeded' });
    // Publisher and subscriber of the event bus; a client, a subscriber and a blocking client of the queues.
    expect(recorder.sent.length).toBeGreaterThanOrEqual(5);
    for (const sent of recorder.sent) {
      expect(sent[0]).toBe(TLS_HANDSHAKE);
      expect(sent.includes(PASSWORD)).toBe(false);
    }
  });

  it('survive a Redis that comes back with another password, and say why it cannot be used', async () => {
    const own = await start({ password: PASSWORD });
    const teko = await TekoProcess.start({ REDIS_URL: own.url });
    await own.kill();
    await own.restart({ password: 'another password' });
    await eventually(async () => {
      const { status, body } = await readiness(teko);
      expect([status, body.reasons?.queue]).toEqual([503, expect.stringContaining('WRONGPASS')]);
    });
    await own.kill();
    await own.restart({ password: PASSWORD });
    await eventually(async () => expect((await readiness(teko)).status).toBe(200));
    expect(teko.isRunning).toBe(true);
    expect(teko.output).not.toMatch(/Unhandled|hunter|another password/);
  });

  it('need a Redis that can be written', async () => {
    const own = await start({});
    const teko = await TekoProcess.start({ REDIS_URL: own.url });
    await own.command('REPLICAOF', '127.0.0.1', '1');
    await eventually(async () => {
      const { status, body } = await readiness(teko);
      expect([status, body.reasons?.queue]).toEqual([503, expect.stringContaining('READONLY')]);
    });
  });

  type Case = [name: string, env: () => Record<string, string>, line: RegExp];
  const withPassword = (url: string, password: string) => url.replace(PASSWORD, password);
  const cases: Case[] = [
    [
      'a wrong Redis password',
      () => ({ REDIS_URL: withPassword(redis.url, `${PASSWORD}-wrong`) }),
      /^REDIS_URL: .*WRONGPASS/,
    ],
    ['no Redis password', () => ({ REDIS_URL: withPassword(redis.url, '').replace(':@', '') }), /^REDIS_URL: .*NOAUTH/],
    [
      'a Redis database that does not exist',
      () => ({ REDIS_URL: `${redis.url}/99` }),
      /^REDIS_URL: .*DB index is out of range/,
    ],
    [
      'an unknown Redis host',
      () => ({ REDIS_URL: `redis://:${PASSWORD}@nowhere.invalid` }),
      /^REDIS_URL: .*(ENOTFOUND|EAI_AGAIN)/,
    ],
    [
      'a refused connection to Redis',
      () => ({ REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:1` }),
      /^REDIS_URL: .*ECONNREFUSED/,
    ],
    [
      'no TLS for a Redis that requires it',
      () => ({ REDIS_URL: tlsRedis.url.replace('rediss', 'redis') }),
      /^REDIS_URL: .*use rediss:/,
    ],
    ['an unknown authority of Redis', () => ({ REDIS_URL: tlsRedis.url }), /^REDIS_URL: .*certificate/],
    [
      'an unsupported parameter for Redis',
      () => ({ REDIS_URL: `${redis.url}?tls=true` }),
      /^REDIS_URL: the parameter tls is not supported/,
    ],
    [
      'a wrong database password',
      () => ({ DATABASE_URL: `mysql://teko:${PASSWORD}@127.0.0.1:3306/teko` }),
      /^DATABASE_URL: .*ER_ACCESS_DENIED/,
    ],
    [
      'a database that does not exist',
      () => ({ DATABASE_URL: 'mysql://root@127.0.0.1:3306/none_of_this_name' }),
      /^DATABASE_URL: .*ER_BAD_DB/,
    ],
    [
      'an unknown database host',
      () => ({ DATABASE_URL: `mysql://teko:${PASSWORD}@nowhere.invalid/teko` }),
      /^DATABASE_URL: .*(ENOTFOUND|EAI_AGAIN)/,
    ],
    [
      'TLS for a database without it',
      () => ({ DATABASE_URL: `mysql://teko:${PASSWORD}@localhost:3306/teko?ssl=true` }),
      /^DATABASE_URL: .*HANDSHAKE_NO_SSL_SUPPORT/,
    ],
    [
      'an unknown authority of the database',
      () => ({ DATABASE_URL: `mysql://teko:${PASSWORD}@localhost:${mysql.port}/teko?ssl=true` }),
      /^DATABASE_URL: .*HANDSHAKE_SSL_ERROR/,
    ],
  ];
  it.each(cases)('fail at the start with one line: %s', async (_, env, line) => {
    const { code, stdout, stderr } = await failedStart(env());
    expect(stderr).toMatch(line);
    expect([code, stderr.trim().split('\n').length, stdout]).toEqual([1, 1, '']);
    expect(stderr).not.toContain('hunter');
  });

  it('send nothing to a database before TLS if the URL says so', async () => {
    mysql.plain.length = 0;
    const url = `mysql://teko:${PASSWORD}@localhost:${mysql.port}/teko?ssl=true`;
    const { stderr } = await failedStart({ DATABASE_URL: url, NODE_EXTRA_CA_CERTS: certificates.ca });
    expect(stderr).toMatch(/^DATABASE_URL: .*ER_ACCESS_DENIED/);
    expect(mysql.users).toContain('teko');
    // A request for TLS: a header and 32 bytes without a user.
    expect(mysql.plain.map(({ length }) => length)).toEqual(mysql.plain.map(() => 36));
  });
});

/** Starts Teko and waits for its exit. */
async function failedStart(env: Record<string, string>) {
  const defaults = { TEKO_HOME: temporaryFolder('start'), PORT: '0', TEKO_DEMO: 'off', TEKO_EMBEDDINGS: 'off' };
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...defaults, ...env },
  });
  onEnd(() => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close', { signal: AbortSignal.timeout(EXIT_TIMEOUT_MS) })) as [number | null];
  return { code, stdout, stderr };
}
