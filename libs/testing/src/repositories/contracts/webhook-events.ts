import { randomUUID } from 'node:crypto';
import { ConflictError, NotFoundError, type WebhookEvent, type WebhookEventRepository } from '@teko/domain';
import { beforeEach, expect, it } from 'vitest';
import { BUILT_AT as NOW } from '../builders';
import { aWebhookEvent } from '../integration-builders';
import { describePort, listQuery, type MakeRepositories } from './fixture';

const TTL = 30_000;
const after = (ms: number) => new Date(NOW.getTime() + ms);
const SUBJECTS = 5;
const EVENTS = 20;
/** So that a wrong answer ends the test. */
const MAX_TURNS = 2_000;

/** What every WebhookEventRepository does. */
export function webhookEventContract(name: string, make: MakeRepositories): void {
  describePort('WebhookEventRepository', name, make, (get) => {
    const port = () => get().repositories.WebhookEventRepository;
    const stored = async (overrides: Partial<WebhookEvent> = {}) => {
      const event = aWebhookEvent(overrides);
      await port().insert(event);
      return (await port().findById(event.id))!;
    };
    const claimedId = async (now = NOW) => (await port().claim(now, TTL))?.id ?? null;

    beforeEach(async () => {
      const { data } = await port().list(listQuery({ sort: 'number', perPage: 200, filters: { status: ['pending'] } }));
      for (const { id } of data) await port().update(id, { status: 'failed' });
    });

    it('stores a delivery once, also of those that come at once, and gives it back as it came', async () => {
      const payload = JSON.stringify({ body: 'ü 🎉 '.repeat(50_000) });
      const event = aWebhookEvent({ payload, repositoryId: randomUUID(), leasedUntil: after(1), handledAt: after(2) });
      const again = () => port().insert({ ...event, id: randomUUID() });
      expect(await port().insert(event)).toBe(true);
      expect(await port().findById(event.id)).toEqual({ ...event, number: expect.any(Number) as number });
      expect(await again()).toBe(false);
      const deliveryId = randomUUID();
      const results = await Promise.all([1, 2, 3].map(() => port().insert(aWebhookEvent({ deliveryId }))));
      expect(results.filter(Boolean)).toHaveLength(1);
      expect((await port().list(listQuery({ sort: 'number', q: deliveryId }))).total).toBe(1);
      await expect(port().insert({ ...event, deliveryId: randomUUID() })).rejects.toThrow(ConflictError);
      expect(await port().findById('none')).toBeNull();
    });

    it('counts up in the order of arrival', async () => {
      const [first, second] = [await stored(), await stored()];
      expect(second.number).toBeGreaterThan(first.number);
      await Promise.all(Array.from({ length: 30 }, () => port().insert(aWebhookEvent({ subject: 'many' }))));
      const { data } = await port().list(listQuery({ sort: 'number', q: 'many' }));
      expect(new Set(data.map(({ number }) => number)).size).toBe(30);
      expect(data.every(({ number }) => number > second.number)).toBe(true);
    });

    it('gives the oldest event away once, for a time, and counts how often', async () => {
      const [first, second] = [await stored(), await stored()];
      expect(await port().claim(NOW, TTL)).toEqual({ ...first, attempts: 1, leasedUntil: after(TTL) });
      expect(await claimedId()).toBe(second.id);
      expect(await claimedId()).toBeNull();
      expect(await claimedId(after(TTL)), 'held to the last moment').toBeNull();
      expect(await port().claim(after(TTL + 1), TTL)).toMatchObject({ id: first.id, attempts: 2 });
    });

    it('gives nothing of a subject away before what came earlier is no longer pending', async () => {
      const subject = randomUUID();
      const first = await stored({ subject, dueAt: after(60_000) });
      const second = await stored({ subject });
      const other = await stored();
      expect(await claimedId()).toBe(other.id);
      expect(await claimedId(), 'the first is not due, the second is after it').toBeNull();
      await port().update(other.id, { status: 'handled' });
      expect(await claimedId(after(60_000))).toBe(first.id);
      expect(await claimedId(after(60_000)), 'the first is being handled').toBeNull();
      await port().update(first.id, { status: 'failed' });
      expect(await claimedId(after(60_000))).toBe(second.id);
    });

    it('gives each of many to one of those who ask at once, and each subject in order', async () => {
      await expectEachClaimedOnce([port(), port(), port(), port()]);
    });

    it('is counted, listed and replayed', async () => {
      const before = await port().countByStatus();
      const event = await stored({ event: 'push', repositoryId: randomUUID(), receivedAt: after(5) });
      expect((await port().countByStatus())['pending']).toBe((before['pending'] ?? 0) + 1);
      const filters = { source: ['github'], event: ['push'], status: ['pending'], repositoryId: [event.repositoryId!] };
      for (const q of [event.deliveryId, event.subject])
        expect((await port().list(listQuery({ sort: 'receivedAt', q, filters }))).data).toEqual([event]);
      const handled = { status: 'handled', detail: 'nothing to do', leasedUntil: null, handledAt: after(9) } as const;
      expect(await port().update(event.id, handled)).toEqual({ ...event, ...handled });
      expect(await claimedId(after(60_000))).toBeNull();
      await port().update(event.id, { status: 'pending' });
      expect(await claimedId(after(60_000))).toBe(event.id);
      await expect(port().update('none', handled)).rejects.toThrow(NotFoundError);
    });

    it('forgets what was handled or ignored long ago, and nothing else', async () => {
      const kept = [
        await stored({ status: 'pending' }),
        await stored({ status: 'failed', handledAt: after(1) }),
        await stored({ status: 'handled', handledAt: after(10) }),
      ];
      const gone = [
        await stored({ status: 'handled', handledAt: after(9) }),
        await stored({ status: 'ignored', handledAt: after(1) }),
      ];
      await port().prune(after(10));
      for (const { id } of gone) expect(await port().findById(id)).toBeNull();
      for (const event of kept) expect(await port().findById(event.id)).toEqual(event);
      const { number } = await stored();
      expect(number).toBeGreaterThan(gone[1]!.number);
    });

    it('outlives its repository', async () => {
      const { id: repositoryId } = await get().repository();
      const event = await stored({ repositoryId });
      await get().repositories.RepositoryRepository.delete(repositoryId);
      expect(await port().findById(event.id)).toEqual(event);
    });
  });
}

/** Lets each of these handle what it can claim, all at once, and sees that each event was had once and in order. */
export async function expectEachClaimedOnce(claimers: WebhookEventRepository[]): Promise<void> {
  const tag = randomUUID();
  for (let n = 0; n < EVENTS; n++)
    await claimers[0]!.insert(aWebhookEvent({ deliveryId: `${tag}:${n}`, subject: `${tag}:${n % SUBJECTS}` }));
  const had: WebhookEvent[] = [];
  const underWay = new Set<string>();
  const handle = async (port: WebhookEventRepository) => {
    for (let turn = 0; turn < MAX_TURNS && had.length < EVENTS; turn++) {
      const event = await port.claim(NOW, 1_000);
      if (event) {
        expect(underWay, 'one of a subject at a time').not.toContain(event.subject);
        underWay.add(event.subject);
        had.push(event);
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (!event) continue;
      // Before it is handled: from then on the next of the subject may be had.
      underWay.delete(event.subject);
      await port.update(event.id, { status: 'handled', leasedUntil: null, handledAt: NOW });
    }
  };
  await Promise.all(claimers.map(handle));
  expect(new Set(had.map(({ id }) => id)).size, 'each once').toBe(EVENTS);
  expect(had.every(({ attempts }) => attempts === 1)).toBe(true);
  for (let subject = 0; subject < SUBJECTS; subject++) {
    const order = had.filter((event) => event.subject === `${tag}:${subject}`).map(({ number }) => number);
    expect(order, 'in order').toEqual([...order].sort((a, b) => a - b));
  }
}
