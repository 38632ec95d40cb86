import { UnavailableError } from '@teko/domain';
import { redisAddress, redisReason } from './redis-url';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects to Redis once and closes the connection. Throws UnavailableError, whose message names the setting and the reason but
 * never the password, if the URL is invalid or the server is unreachable or refuses the user or the database.
 */
export async function requireRedis(url: string | undefined): Promise<void> {
  if (!url) return;
  const address = redisAddress(url);
  const { Redis } = await import('ioredis');
  const client = new Redis({
    ...address,
    // Selected below, because ioredis stays on database 0 if the server refuses another one.
    db: 0,
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The first error is the reason; later ones only say that the connection was closed.
  let first: Error | undefined;
  client.on('error', (error: Error) => (first ??= error));
  try {
    await client.connect();
    await client.select(address.db);
    await client.ping();
  } catch (error) {
    const { host, port } = address;
    throw new UnavailableError(
      'redis',
      `REDIS_URL: cannot use ${host}:${port} (${redisReason(first ?? error, address)})`,
    );
  } finally {
    client.disconnect();
  }
}
