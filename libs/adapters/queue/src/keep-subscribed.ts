import type { Redis } from 'ioredis';

/**
 * Subscribes again to the channels of a client after each reconnect. ioredis does so itself, but if the server refuses, it leaves
 * the rejection unhandled and never tries again.
 */
export function keepSubscribed(client: Redis): void {
  const channels = new Set<string>();
  const subscribe = client.subscribe.bind(client) as (...names: string[]) => Promise<unknown>;
  client.options.autoResubscribe = false;
  client.subscribe = ((...names: string[]) => {
    for (const name of names) channels.add(name);
    const subscribed = subscribe(...names);
    subscribed.catch(() => undefined);
    return subscribed;
  }) as typeof client.subscribe;
  client.on('ready', () => {
    if (channels.size > 0) subscribe(...channels).catch(() => undefined);
  });
}
